import { LiveError } from "../core/errors.ts";
import { parseAudioConfig } from "./audio-config.ts";
import { Fields } from "./fields.ts";
import { needBox } from "./inner-boxes.ts";
import type { FirstEntry } from "./sample-entry.ts";

const READERS: ReadonlyMap<string, (entry: FirstEntry) => string> = new Map(
  Object.entries({
    avc1: avc,
    avc3: avc,
    hvc1: hevc,
    hev1: hevc,
    av01: av1,
    vp08: vpx,
    vp09: vpx,
    mp4a: mpeg4Audio,
    Opus: () => "opus",
    fLaC: () => "flac",
    "ac-3": () => "ac-3",
    "ec-3": () => "ec-3",
  }),
);

/** The RFC 6381 name of a sample entry's codec. Throws for a codec that has none here. */
export function codecString(entry: FirstEntry): string {
  const read = READERS.get(entry.type);
  if (read === undefined) throw new LiveError("bad_container", `no name is known for the codec '${entry.type}'`);
  return read(entry);
}

/** ISO/IEC 14496-15 §E.2: profile, constraints and level, as avcC has them. */
function avc(entry: FirstEntry): string {
  const profile = new Fields(needBox(entry.boxes, "avcC"), "avcC").skip(1).take(3);
  return `${entry.type}.${hex(profile)}`;
}

/** ISO/IEC 14496-15 §E.3 */
function hevc(entry: FirstEntry): string {
  const fields = new Fields(needBox(entry.boxes, "hvcC"), "hvcC").skip(1);
  const first = fields.u8();
  const space = ["", "A", "B", "C"][first >> 6];
  const tier = first & 0x20 ? "H" : "L";
  const compatibility = reverseBits(fields.u32()).toString(16).toUpperCase();
  const constraints = [...fields.take(6)];
  while (constraints.at(-1) === 0) constraints.pop();
  const level = `${tier}${fields.u8()}`;
  const names = constraints.map((byte) => hex(Uint8Array.of(byte)).toUpperCase());
  return [entry.type, `${space}${first & 0x1f}`, compatibility, level, ...names].join(".");
}

/** AV1 in ISO-BMFF §5 */
function av1(entry: FirstEntry): string {
  const fields = new Fields(needBox(entry.boxes, "av1C"), "av1C").skip(1);
  const levelByte = fields.u8();
  const tierByte = fields.u8();
  const level = `${digits(levelByte & 0x1f)}${tierByte & 0x80 ? "H" : "M"}`;
  const depth = tierByte & 0x40 ? (tierByte & 0x20 ? 12 : 10) : 8;
  return `av01.${levelByte >> 5}.${level}.${digits(depth)}`;
}

/** VP codec ISO media file format binding, "Codecs parameter string" */
function vpx(entry: FirstEntry): string {
  const fields = new Fields(needBox(entry.boxes, "vpcC"), "vpcC").skip(4);
  const [profile, level, depth] = [fields.u8(), fields.u8(), fields.u8() >> 4];
  return `${entry.type}.${digits(profile)}.${digits(level)}.${digits(depth)}`;
}

/** RFC 6381 §3.3: the object type and, for MPEG-4 audio, the audio object type. */
function mpeg4Audio(entry: FirstEntry): string {
  const { objectType, audioObjectType } = parseAudioConfig(needBox(entry.boxes, "esds"));
  const name = `mp4a.${hex(Uint8Array.of(objectType))}`;
  return audioObjectType === undefined ? name : `${name}.${audioObjectType}`;
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function digits(value: number): string {
  return String(value).padStart(2, "0");
}
