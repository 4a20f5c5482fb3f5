import { LiveError } from "../core/errors.ts";
import { Fields } from "./fields.ts";

/** What the esds box of an `mp4a` sample entry says. */
export interface AudioConfig {
  /** objectTypeIndication of ISO/IEC 14496-1 §7.2.6.6: 0x40 for MPEG-4 audio, 0x6b for MP3 … */
  readonly objectType: number;
  /** Only MPEG-4 audio: 2 for AAC-LC (ISO/IEC 14496-3 §1.5.1). */
  readonly audioObjectType?: number;
  /** Only where the decoder's configuration counts them; the sample entry often says 2 whatever there is. */
  readonly channels?: number;
}

const MPEG4_AUDIO = 0x40;
const EXPLICIT_RATE = 15;
const ESCAPED_TYPE = 31;

/** Reads the body of an esds box (ISO/IEC 14496-14 §5.6). */
export function parseAudioConfig(esds: Uint8Array): AudioConfig {
  const stream = descriptor(new Fields(esds, "esds").skip(4), 0x03);
  const decoder = descriptor(skipStreamFields(stream), 0x04);
  const objectType = decoder.u8();
  if (objectType !== MPEG4_AUDIO) return { objectType };
  return { objectType, ...parseMpeg4Config(descriptor(decoder.skip(12), 0x05)) };
}

/** AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1. */
function parseMpeg4Config(config: Fields): Omit<AudioConfig, "objectType"> {
  const bits = new BitReader(config);
  const type = bits.read(5);
  const audioObjectType = type === ESCAPED_TYPE ? 32 + bits.read(6) : type;
  if (bits.read(4) === EXPLICIT_RATE) bits.read(24);
  const layout = bits.read(4);
  // 0 means that the layout follows in a structure of its own; 7 is 7.1.
  if (layout === 0 || layout > 7) return { audioObjectType };
  return { audioObjectType, channels: layout === 7 ? 8 : layout };
}

/** Steps over the fields of an ES_Descriptor (ISO/IEC 14496-1 §7.2.6.5). */
function skipStreamFields(fields: Fields): Fields {
  const flags = fields.skip(2).u8();
  if (flags & 0x80) fields.skip(2);
  if (flags & 0x40) fields.skip(fields.u8());
  if (flags & 0x20) fields.skip(2);
  return fields;
}

/** Opens the descriptor that comes next: a tag, then a length in groups of seven bits (ISO/IEC 14496-1 §8.3.3). */
function descriptor(fields: Fields, tag: number): Fields {
  if (fields.u8() !== tag)
    throw new LiveError("bad_container", "the 'esds' box has its descriptors in the wrong order");
  let length = 0;
  let byte: number;
  do {
    byte = fields.u8();
    length = length * 128 + (byte & 0x7f);
  } while (byte >= 0x80);
  return new Fields(fields.take(length), "esds");
}

/** Reads bits, highest first. */
class BitReader {
  readonly #fields: Fields;
  #byte = 0;
  #left = 0;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++) {
      if (this.#left === 0) {
        this.#byte = this.#fields.u8();
        this.#left = 8;
      }
      this.#left -= 1;
      value = value * 2 + ((this.#byte >> this.#left) & 1);
    }
    return value;
  }
}
