/** Says when the next measure is due: once a second of media, also where time jumps. */
export class Sampler {
  readonly #everySeconds: number;
  #next: number | undefined;

  constructor(everySeconds = 1) {
    this.#everySeconds = everySeconds;
  }

  isDue(time: number): boolean {
    this.#next ??= time + this.#everySeconds;
    if (time < this.#next && time > this.#next - 2 * this.#everySeconds) return false;
    this.#next = time + this.#everySeconds;
    return true;
  }
}
