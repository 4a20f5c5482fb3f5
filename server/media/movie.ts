import { LiveError } from "../core/errors.ts";
import { Fields } from "./fields.ts";
import { findBox, type InnerBox, innerBoxes, needBox } from "./inner-boxes.ts";
import { type FirstEntry, readSampleDescription } from "./sample-entry.ts";

/** What samples of a fragment inherit (trex, ISO/IEC 14496-12 §8.8.3): ticks, bytes, sample flags. */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** One track of a fragmented movie. */
export interface MovieTrack {
  readonly trackId: number;
  /** The handler's four characters: `vide`, `soun` or another. */
  readonly handler: string;
  /** Ticks per second. */
  readonly timescale: number;
  readonly entry: FirstEntry;
  /** Pixels as displayed (tkhd); 0 when the track has no picture. */
  readonly width: number;
  readonly height: number;
  /** Degrees, clockwise, by which the picture is turned to be shown (the matrix of tkhd). */
  readonly rotation: number;
  /** Media ticks that presentation starts at: what the edit list cuts off, or less than 0 for what it puts before. */
  readonly startOffset: number;
  readonly defaults: SampleDefaults;
}

/** Reads the body of a moov box. Throws when the movie is not fragmented or its media lies elsewhere. */
export function parseMovie(moov: Uint8Array): MovieTrack[] {
  const boxes = innerBoxes(moov);
  const mvex = findBox(boxes, "mvex");
  if (mvex === undefined) {
    throw new LiveError(
      "bad_container",
      "this MP4 is not fragmented: record with fragments, e.g. -movflags frag_keyframe+empty_moov+default_base_moof",
    );
  }
  const defaults = parseDefaults(mvex);
  const movieTimescale = readTimescale(needBox(boxes, "mvhd"), "mvhd");
  return boxes
    .filter((box) => box.type === "trak")
    .map((box) => parseTrack(innerBoxes(box.body), movieTimescale, defaults));
}

function parseTrack(
  trak: readonly InnerBox[],
  movieTimescale: number,
  defaults: ReadonlyMap<number, SampleDefaults>,
): MovieTrack {
  const header = parseTrackHeader(needBox(trak, "tkhd"));
  const mdia = innerBoxes(needBox(trak, "mdia"));
  const minf = innerBoxes(needBox(mdia, "minf"));
  refuseExternalMedia(needBox(minf, "dinf"));
  const handler = new Fields(needBox(mdia, "hdlr"), "hdlr").skip(8).text(4);
  const timescale = readTimescale(needBox(mdia, "mdhd"), "mdhd");
  const sampleDescription = needBox(innerBoxes(needBox(minf, "stbl")), "stsd");
  return {
    ...header,
    handler,
    timescale,
    entry: readSampleDescription(sampleDescription, handler),
    startOffset: readStartOffset(findBox(trak, "edts"), timescale / movieTimescale),
    defaults: defaults.get(header.trackId) ?? { duration: 0, size: 0, flags: 0 },
  };
}

function parseTrackHeader(tkhd: Uint8Array): Pick<MovieTrack, "trackId" | "width" | "height" | "rotation"> {
  const fields = new Fields(tkhd, "tkhd");
  const wide = fields.u8() === 1;
  const trackId = fields.skip(wide ? 19 : 11).u32();
  // §8.3.2.3: behind the matrix's first two numbers stands one that is 0 for both.
  const [a, b] = [fields.skip(wide ? 28 : 24).i32(), fields.i32()];
  fields.skip(28);
  const rotation = (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
  // 16.16 fixed point, and already stretched by the pixel aspect ratio.
  const [width, height] = [Math.round(fields.u32() / 65_536), Math.round(fields.u32() / 65_536)];
  return { trackId, width, height, rotation };
}

/** mvhd and mdhd begin alike. */
function readTimescale(box: Uint8Array, type: string): number {
  const fields = new Fields(box, type);
  const wide = fields.u8() === 1;
  const timescale = fields.skip(wide ? 19 : 11).u32();
  if (timescale === 0) throw new LiveError("bad_container", `the '${type}' box has a timescale of 0`);
  return timescale;
}

function parseDefaults(mvex: Uint8Array): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  for (const { type, body } of innerBoxes(mvex)) {
    if (type !== "trex") continue;
    const fields = new Fields(body, "trex").skip(4);
    const trackId = fields.u32();
    fields.skip(4);
    defaults.set(trackId, { duration: fields.u32(), size: fields.u32(), flags: fields.u32() });
  }
  return defaults;
}

/** Reads an edit list (§8.6.6) as far as a live stream has one: empty edits, then the rest of the media. */
function readStartOffset(edts: Uint8Array | undefined, ticksPerMovieTick: number): number {
  const elst = edts === undefined ? undefined : findBox(innerBoxes(edts), "elst");
  if (elst === undefined) return 0;
  const fields = new Fields(elst, "elst");
  const wide = fields.u8() === 1;
  let empty = 0;
  for (let edits = fields.skip(3).u32(); edits > 0; edits--) {
    const duration = wide ? fields.u64() : fields.u32();
    const mediaTime = wide ? fields.i64() : fields.i32();
    if (mediaTime >= 0) return mediaTime - empty;
    empty += Math.round(duration * ticksPerMovieTick);
    fields.skip(4);
  }
  return -empty;
}

/** A data reference without flag 1 names another file (§8.7.2); a stranger's stream must not make us open it. */
function refuseExternalMedia(dinf: Uint8Array): void {
  const fields = new Fields(needBox(innerBoxes(dinf), "dref"), "dref").skip(8);
  for (const { body } of innerBoxes(fields.take(fields.left))) {
    const selfContained = new Fields(body, "data reference").u32() % 2 === 1;
    if (!selfContained) throw new LiveError("bad_container", "this MP4 refers to media in another file");
  }
}
