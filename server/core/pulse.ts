/** Wakes everybody who waits for the next change of something. Waiting costs one entry in a set, nothing else. */
export class Pulse {
  #waiting = new Set<() => void>();

  /** How many wait now; tests prove with it that nobody is left behind. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Wakes all who wait now; who begins to wait afterwards waits for the next call. */
  fire(): void {
    const woken = this.#waiting;
    if (woken.size === 0) return;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  /** Calls `wake` at the next {@link fire}, which it must not make fail. */
  add(wake: () => void): void {
    this.#waiting.add(wake);
  }

  /** Wakes it no more. */
  delete(wake: () => void): void {
    this.#waiting.delete(wake);
  }

  /** Resolves at the next {@link fire}; rejects with `signal`'s reason as soon as it aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const wake = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.delete(wake);
        reject(signal.reason);
      };
      this.add(wake);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
