import { LiveError } from "../core/errors.ts";
import { type ContainerEvent, type ContainerScanner, createScanner, sniffContainer } from "./container.ts";

/** A scanner for a stream of any container: its first bytes tell which. */
export class OpeningScanner implements ContainerScanner {
  readonly #startOffset: number;
  #head: Uint8Array = new Uint8Array(0);
  #scanner: ContainerScanner | undefined;
  #refused: unknown;

  /** The stream's first byte lies at `startOffset`. */
  constructor(startOffset = 0) {
    this.#startOffset = startOffset;
  }

  get heldBytes(): number {
    return this.#scanner?.heldBytes ?? this.#head.byteLength;
  }

  /** What was refused once is refused from then on. */
  push(chunk: Uint8Array): ContainerEvent[] {
    if (this.#refused !== undefined) throw this.#refused;
    try {
      return this.#scanner?.push(chunk) ?? this.#open(chunk);
    } catch (error) {
      this.#refused = error;
      throw error;
    }
  }

  jump(point: Parameters<ContainerScanner["jump"]>[0]): void {
    this.#scanner?.jump(point);
  }

  end(): void {
    this.#scanner?.end();
  }

  #open(chunk: Uint8Array): ContainerEvent[] {
    const head = new Uint8Array(this.#head.byteLength + chunk.byteLength);
    head.set(this.#head);
    head.set(chunk, this.#head.byteLength);
    const family = sniffContainer(head);
    this.#head = family === undefined ? head : new Uint8Array(0);
    if (family === undefined) return [];
    if (family === "unknown") {
      const start = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      throw new LiveError("bad_container", `neither WebM, Matroska, MP4 nor FLV: the first bytes are ${start}`);
    }
    this.#scanner = createScanner(family, this.#startOffset);
    return this.#scanner.push(head);
  }
}
