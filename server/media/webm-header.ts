import { LiveError } from "../core/errors.ts";
import { matroskaCodecName } from "./codec-names.ts";
import type { ContainerKind, MediaTrack } from "./container.ts";
import { type Element, elementsIn, readFloat, readText, readUnsigned } from "./ebml.ts";
import { ID } from "./matroska-ids.ts";
import { pictureFacts } from "./picture-facts.ts";

/** What the Tracks element says: the video and audio tracks, and the numbers of all of them. */
export interface WebmTracks {
  readonly tracks: readonly MediaTrack[];
  readonly numbers: ReadonlySet<number>;
}

/** Nanoseconds per tick where Info does not say (RFC 9559 §5.1.2.9). */
export const DEFAULT_TIMESTAMP_SCALE = 1_000_000;

const KINDS: Readonly<Record<number, "video" | "audio">> = { 1: "video", 2: "audio" };
/** DisplayUnit of sizes that mean nothing. */
const NO_UNIT = 4;

/** Reads the body of the EBML header (RFC 8794 §11.2). Throws when it announces anything but WebM or Matroska. */
export function parseEbmlHeader(body: Uint8Array): ContainerKind {
  const elements = elementsIn(body);
  const readVersion = unsigned(elements, ID.ebmlReadVersion) ?? 1;
  const idLength = unsigned(elements, ID.ebmlMaxIdLength) ?? 4;
  const sizeLength = unsigned(elements, ID.ebmlMaxSizeLength) ?? 8;
  if (readVersion !== 1 || idLength > 4 || sizeLength > 8) {
    throw new LiveError("bad_container", "the stream needs a newer version of EBML than there is");
  }
  const docType = text(elements, ID.docType) ?? "";
  if (docType === "webm" || docType === "matroska") return docType;
  const shown = docType.replaceAll(/[^ -~]/g, "?");
  throw new LiveError("bad_container", `the stream is not WebM or Matroska: its DocType is '${shown}'`);
}

/** Reads the body of Info: nanoseconds per tick. */
export function parseTimestampScale(info: Uint8Array): number {
  const scale = unsigned(elementsIn(info), ID.timestampScale) ?? DEFAULT_TIMESTAMP_SCALE;
  if (scale === 0) throw new LiveError("bad_container", "the stream's TimestampScale is 0");
  return scale;
}

/** Reads the body of Tracks (RFC 9559 §5.1.4). Throws when there is neither video nor audio. */
export function parseTracks(body: Uint8Array): WebmTracks {
  const numbers = new Set<number>();
  const tracks: MediaTrack[] = [];
  for (const { id, body: entry } of elementsIn(body)) {
    if (id !== ID.trackEntry) continue;
    const elements = elementsIn(entry);
    const number = unsigned(elements, ID.trackNumber) ?? 0;
    if (number === 0) throw new LiveError("bad_container", "a track has no number");
    numbers.add(number);
    const kind = KINDS[unsigned(elements, ID.trackType) ?? 0];
    if (kind !== undefined) tracks.push(parseTrack(number, kind, elements));
  }
  if (tracks.length === 0) throw new LiveError("bad_container", "the stream has no tracks of video or audio");
  return { tracks, numbers };
}

function parseTrack(id: number, kind: "video" | "audio", elements: readonly Element[]): MediaTrack {
  const track = { id, kind, codec: matroskaCodecName(text(elements, ID.codecId) ?? "") };
  if (kind === "video") {
    const video = elementsIn(find(elements, ID.video) ?? new Uint8Array(0));
    const [width, height] = [unsigned(video, ID.pixelWidth), unsigned(video, ID.pixelHeight)];
    const configuration = track.codec === "h264" ? find(elements, ID.codecPrivate) : undefined;
    const facts = pictureFacts({ pixelAspect: pixelAspect(video), interlaced: isInterlaced(video) }, configuration);
    return width === undefined || height === undefined ? { ...track, ...facts } : { ...track, width, height, ...facts };
  }
  const audio = elementsIn(find(elements, ID.audio) ?? new Uint8Array(0));
  const frequency = find(audio, ID.samplingFrequency);
  // The defaults of the specification (§5.1.4.1.29).
  const sampleRate = frequency === undefined ? 8000 : readFloat(frequency);
  return { ...track, ...(sampleRate > 0 && { sampleRate }), channels: unsigned(audio, ID.channels) ?? 1 };
}

/** Where sizes to be shown at are missing pixels are square, says RFC 9559; all units but one say the same. */
function pixelAspect(video: readonly Element[]): number | undefined {
  if (unsigned(video, ID.displayUnit) === NO_UNIT) return undefined;
  const [width = 0, height = 0] = [unsigned(video, ID.pixelWidth), unsigned(video, ID.pixelHeight)];
  const [shownWidth = 0, shownHeight = 0] = [unsigned(video, ID.displayWidth), unsigned(video, ID.displayHeight)];
  const sides = [width, height, shownWidth, shownHeight];
  return sides.every((side) => side > 0) ? (shownWidth * height) / (shownHeight * width) : undefined;
}

/** 0 leaves it open. */
function isInterlaced(video: readonly Element[]): boolean | undefined {
  const flag = unsigned(video, ID.flagInterlaced) ?? 0;
  return flag === 0 ? undefined : flag === 1;
}

function find(elements: readonly Element[], id: number): Uint8Array | undefined {
  return elements.find((element) => element.id === id)?.body;
}

function unsigned(elements: readonly Element[], id: number): number | undefined {
  const body = find(elements, id);
  if (body === undefined) return undefined;
  const value = readUnsigned(body);
  if (!Number.isSafeInteger(value))
    throw new LiveError("bad_container", "the stream's header has an impossible number");
  return value;
}

function text(elements: readonly Element[], id: number): string | undefined {
  const body = find(elements, id);
  return body === undefined ? undefined : readText(body);
}
