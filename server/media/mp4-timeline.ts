import { LiveError } from "../core/errors.ts";
import { parseAudioConfig } from "./audio-config.ts";
import { mp4CodecName } from "./codec-names.ts";
import type { ContainerEvent, MediaTrack } from "./container.ts";
import { parseFragments, type TrackFragment } from "./fragment.ts";
import { findBox } from "./inner-boxes.ts";
import { type MovieTrack, parseMovie } from "./movie.ts";
import { pictureFacts } from "./picture-facts.ts";
import { pixelAspect, soundOf } from "./track-shape.ts";

interface KnownTrack {
  readonly movie: MovieTrack;
  readonly media: MediaTrack;
  /** Ticks; for fragments that do not say when they begin. */
  nextDecodeTime: number;
}

/** The tracks of one epoch; turns its fragments into events. */
export class Mp4Timeline {
  readonly tracks: readonly MediaTrack[];
  /** Where the init bytes end. */
  readonly #end: number;
  readonly #known: ReadonlyMap<number, KnownTrack>;
  /** Resync points are fragments that begin with a key frame of this track; without one they are all fragments. */
  readonly #video: MediaTrack | undefined;

  /** Reads the body of a moov box that ends at `end`. Throws when it has neither video nor audio. */
  constructor(moov: Uint8Array, end: number) {
    this.#end = end;
    const known = parseMovie(moov).flatMap((movie) => {
      const media = mediaTrack(movie);
      return media === undefined ? [] : [{ movie, media, nextDecodeTime: 0 }];
    });
    if (known.length === 0) throw new LiveError("bad_container", "the stream has no tracks of video or audio");
    this.tracks = known.map(({ media }) => media);
    this.#known = new Map(known.map((track) => [track.media.id, track]));
    this.#video = this.tracks.find(({ kind }) => kind === "video");
  }

  /** Reads the body of a moof box; `offset` is where decoding of its fragments would begin. */
  addFragments(moof: Uint8Array, offset: number, events: ContainerEvent[]): void {
    const fragments = parseFragments(moof, (id) => this.#known.get(id)?.movie.defaults);
    const frames = fragments.flatMap((fragment) => {
      const track = this.#known.get(fragment.trackId);
      return track === undefined || fragment.samples === 0 ? [] : framesOf(fragment, track);
    });
    const leader = this.#video === undefined ? frames[0] : frames.find(({ track }) => track === this.#video?.id);
    const reachable = offset === this.#end || !fragments.some(({ absolute }) => absolute);
    if (leader?.key && reachable) events.push({ type: "resync", offset, time: leader.time });
    events.push(...frames);
  }
}

type FrameEvent = Extract<ContainerEvent, { type: "frame" }>;

/** The first sample, then the later key frames of video. */
function framesOf(fragment: TrackFragment, known: KnownTrack): FrameEvent[] {
  const { movie, media } = known;
  const decodeTime = fragment.decodeTime ?? known.nextDecodeTime;
  known.nextDecodeTime = decodeTime + fragment.duration;
  const frame = (offset: number, key: boolean): FrameEvent => {
    const time = (decodeTime + offset - movie.startOffset) / movie.timescale;
    return { type: "frame", track: media.id, kind: media.kind, time, key };
  };
  if (media.kind === "audio") return [frame(fragment.firstOffset, true)];
  const later = fragment.laterKeyOffsets.map((offset) => frame(offset, true));
  return [frame(fragment.firstOffset, fragment.startsWithKey), ...later];
}

function mediaTrack(movie: MovieTrack): MediaTrack | undefined {
  const { trackId: id, handler, entry } = movie;
  if (handler === "vide") {
    const { width = 0, height = 0 } = entry;
    const container = { pixelAspect: pixelAspect(movie), rotation: movie.rotation };
    const facts = pictureFacts(container, findBox(entry.boxes, "avcC"));
    return { id, kind: "video", codec: mp4CodecName(entry.type, undefined), width, height, ...facts };
  }
  if (handler !== "soun") return undefined;
  const esds = findBox(entry.boxes, "esds");
  const objectType = esds === undefined ? undefined : parseAudioConfig(esds).objectType;
  return { id, kind: "audio", codec: mp4CodecName(entry.type, objectType), ...soundOf(movie) };
}
