/** Calls `onTick` at a steady rate, also while the page is in the background. Returns what stops it. */
export function startTicker(perSecond: number, onTick: () => void): () => void {
  const worker = new Worker(new URL("./ticker-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", onTick);
  worker.postMessage(1000 / perSecond);
  return () => worker.terminate();
}
