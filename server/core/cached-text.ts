import { gzipSync } from "node:zlib";

/** A playlist or manifest as it is sent: one buffer for everybody, and another for those who take it compressed. */
export class CachedText {
  readonly plain: Buffer;
  #gzipped: Buffer | undefined;

  constructor(text: string) {
    this.plain = Buffer.from(text, "utf8");
  }

  /** Compressed when the first asks for it. A few KB take less time here than the way to another thread. */
  get gzipped(): Buffer {
    this.#gzipped ??= gzipSync(this.plain);
    return this.#gzipped;
  }
}
