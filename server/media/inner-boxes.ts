import { LiveError } from "../core/errors.ts";
import { readBoxHeader } from "./box-header.ts";

/** A box inside a buffer: its type and what follows its header, not copied. */
export interface InnerBox {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The boxes that fill `bytes`, one after the other. Throws when one of them reaches beyond the end. */
export function innerBoxes(bytes: Uint8Array): InnerBox[] {
  const boxes: InnerBox[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    const header = readBoxHeader(bytes, at);
    // FFmpeg and QuickTime may close a container box with four zero bytes.
    if (header === undefined && bytes.byteLength - at < 8) break;
    if (header === undefined || at + header.size > bytes.byteLength) {
      throw new LiveError("bad_container", "a box reaches beyond the one that contains it");
    }
    boxes.push({ type: header.type, body: bytes.subarray(at + header.headerBytes, at + header.size) });
    at += header.size;
  }
  return boxes;
}

/** The body of the first box of this type. */
export function findBox(boxes: readonly InnerBox[], type: string): Uint8Array | undefined {
  return boxes.find((box) => box.type === type)?.body;
}

/** The body of the first box of this type; throws when there is none. */
export function needBox(boxes: readonly InnerBox[], type: string): Uint8Array {
  const body = findBox(boxes, type);
  if (body === undefined) throw new LiveError("bad_container", `the '${type}' box is missing`);
  return body;
}
