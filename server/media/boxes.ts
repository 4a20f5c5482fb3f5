import { LiveError } from "../core/errors.ts";

/** One complete ISO-BMFF box: its four-character type and all of its bytes, header included. */
export interface Box {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * Cuts a byte stream into top-level ISO-BMFF boxes (ISO/IEC 14496-12 §4.2).
 *
 * Feed it chunks of any size; each call returns the boxes that became complete. A box larger than `maxBoxBytes` is
 * refused from its header alone. A box that lies in one chunk is a view of that chunk, not a copy.
 */
export class BoxReader {
  constructor(_options: { readonly maxBoxBytes: number }) {}

  push(_chunk: Uint8Array): Box[] {
    throw new LiveError("bad_container", "not built yet");
  }

  /** Call at the end of the input: throws when the stream was cut inside a box. */
  end(): void {}
}
