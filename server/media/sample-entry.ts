import { LiveError } from "../core/errors.ts";
import { Fields } from "./fields.ts";
import { type InnerBox, innerBoxes } from "./inner-boxes.ts";

/** The first entry of a sample description (stsd, ISO/IEC 14496-12 §8.5.2). */
export interface FirstEntry {
  /** The four-character code: `avc1`, `mp4a` … */
  readonly type: string;
  /** Coded pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Hz; 0 when the rate does not fit the field. */
  readonly sampleRate?: number;
  readonly channels?: number;
  /** avcC, esds and the like. */
  readonly boxes: readonly InnerBox[];
}

/** Reads the body of a stsd box; `handler` tells which fields its entries have. */
export function readSampleDescription(stsd: Uint8Array, handler: string): FirstEntry {
  const fields = new Fields(stsd, "stsd").skip(8);
  const [entry] = innerBoxes(fields.take(fields.left));
  if (entry === undefined) throw new LiveError("bad_container", "a track says nothing of its codec");
  if (handler === "vide") return readVisual(entry);
  if (handler === "soun") return readAudio(entry);
  return { type: entry.type, boxes: [] };
}

/** §12.1.3 */
function readVisual({ type, body }: InnerBox): FirstEntry {
  const fields = new Fields(body, type).skip(24);
  const [width, height] = [fields.u16(), fields.u16()];
  fields.skip(50);
  return { type, width, height, boxes: innerBoxes(fields.take(fields.left)) };
}

/** §12.2.3; entries of versions 1 and 2 are QuickTime's and have more fields. */
function readAudio({ type, body }: InnerBox): FirstEntry {
  const fields = new Fields(body, type).skip(8);
  const version = fields.u16();
  const channels = fields.skip(6).u16();
  const sampleRate = fields.skip(6).u32() >>> 16;
  fields.skip(version === 1 ? 16 : version === 2 ? 36 : 0);
  return { type, channels, sampleRate, boxes: innerBoxes(fields.take(fields.left)) };
}
