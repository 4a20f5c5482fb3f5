/** Whoever plays a recording asks for a segment at least this often. */
const WATCHED_MS = 30_000;

/** Who plays which recording now: those whose segments are asked for. */
export class Replays {
  readonly #askedAt = new Map<string, number>();

  /** A segment has been asked for. `nowMs` is any steady clock's. */
  asked(id: string, nowMs = performance.now()): void {
    if (!this.#askedAt.has(id)) this.#forget(nowMs);
    this.#askedAt.set(id, nowMs);
  }

  isWatched(id: string, nowMs = performance.now()): boolean {
    const at = this.#askedAt.get(id);
    return at !== undefined && nowMs - at < WATCHED_MS;
  }

  #forget(nowMs: number): void {
    for (const id of this.#askedAt.keys()) if (!this.isWatched(id, nowMs)) this.#askedAt.delete(id);
  }
}
