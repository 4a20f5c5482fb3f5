/** Timers of a page in the background run once a second; those of a worker keep their pace. */
let timer: ReturnType<typeof setTimeout> | undefined;

globalThis.onmessage = ({ data }: MessageEvent<number>) => {
  clearTimeout(timer);
  const periodMs = data;
  let dueMs = performance.now();
  const tick = () => {
    globalThis.postMessage(undefined);
    // Against drift: the next tick is due by the plan, not by when this one came. Ticks that were missed are skipped.
    dueMs = Math.max(dueMs + periodMs, performance.now());
    timer = setTimeout(tick, dueMs - performance.now());
  };
  tick();
};
