type Cleanup = () => unknown;

/**
 * Owns everything that must not outlive one unit of work: the process, a broadcast, a socket.
 *
 * Closing aborts `signal`, then runs the cleanups newest first. Closing again waits for the same
 * shutdown, so every path may close without asking who closed first.
 */
export class Scope implements AsyncDisposable {
  readonly #controller = new AbortController();
  readonly #cleanups: Cleanup[] = [];
  #closing: Promise<void> | undefined;

  /** Aborts the moment the scope starts closing; pass it to everything that waits. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs `cleanup` when the scope closes. Throws when it already has. */
  defer(cleanup: Cleanup): void {
    this.signal.throwIfAborted();
    this.#cleanups.push(cleanup);
  }

  /** Owns a resource that already runs. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Closes once, newest cleanup first; rejects with every cleanup's failure after all of them ran. */
  close(reason?: unknown): Promise<void> {
    this.#closing ??= this.#run(reason);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(reason: unknown): Promise<void> {
    this.#controller.abort(reason);
    const failures: unknown[] = [];
    for (const cleanup of this.#cleanups.toReversed()) {
      try {
        await cleanup();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "cleanup failed");
  }
}
