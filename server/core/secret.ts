import { createHash, timingSafeEqual } from "node:crypto";

/** A value that must never reach a log line: however it is printed, it prints as `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that compares or sends it. */
  reveal(): string {
    return this.#value;
  }

  /** Whether `text` is the value; takes as long for a near miss as for any other. */
  equals(text: string): boolean {
    return timingSafeEqual(sha256(text), sha256(this.#value));
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
