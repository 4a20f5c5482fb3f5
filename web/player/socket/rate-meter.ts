/** Bytes are counted over this time. */
const WINDOW_MS = 3_000;

/** How much comes: bits per second over the last three seconds. */
export class RateMeter {
  #pieces: { readonly atMs: number; readonly bytes: number }[] = [];
  #beganMs: number | undefined;

  add(atMs: number, bytes: number): void {
    this.#beganMs ??= atMs;
    this.#pieces.push({ atMs, bytes });
    this.#prune(atMs);
  }

  /** Undefined until there is something to count. */
  bitsPerSecond(nowMs: number): number | undefined {
    this.#prune(nowMs);
    if (this.#beganMs === undefined) return undefined;
    const spanMs = Math.min(WINDOW_MS, nowMs - this.#beganMs);
    const bytes = this.#pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    return spanMs <= 0 ? undefined : (bytes * 8000) / spanMs;
  }

  #prune(nowMs: number): void {
    while ((this.#pieces[0]?.atMs ?? nowMs) < nowMs - WINDOW_MS) this.#pieces.shift();
  }
}
