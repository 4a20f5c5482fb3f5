import { LiveError } from "../core/errors.ts";
import type { ContainerEvent, MediaTrack } from "./container.ts";
import { type FlvMetadata, readMetadata } from "./flv-metadata.ts";
import { FLV_TAG, type FlvKinds } from "./flv-tag.ts";
import { FlvTimeline, type PlacedPayload } from "./flv-timeline.ts";
import { type H264Picture, h264Picture } from "./h264-picture.ts";
import { refuseImpossible } from "./limits.ts";
import { pictureFacts } from "./picture-facts.ts";

/** From the file's header to the first frame. */
const MAX_INIT_BYTES = 4 * 1024 * 1024;
/** Where a decoder's configuration begins in a tag's body, in plain FLV and in Enhanced RTMP. */
const CONFIGURATION_AT = 5;
/** A track that is announced and does not come is waited for this long. */
const PATIENCE_MS = 1000;
const PATIENCE_BYTES = 1024 * 1024;

/**
 * The beginning of an epoch while it is read. Its init bytes end where the first frame begins; which tracks it has is
 * known when each of those announced has come.
 */
export class FlvOpening {
  readonly #offset: number;
  readonly #announced: FlvKinds;
  readonly #codecs = new Map<MediaTrack["kind"], string>();
  readonly #held: PlacedPayload[] = [];
  #metadata: FlvMetadata | undefined;
  #configuration: Uint8Array | undefined;

  constructor(offset: number, announced: FlvKinds) {
    this.#offset = offset;
    this.#announced = announced;
  }

  addScript(body: Uint8Array): void {
    this.#metadata ??= readMetadata(body);
  }

  /** Takes a tag of sound or picture, with the beginning of its body. Returns whether the opening is over; throws `bad_container`. */
  add(placed: PlacedPayload, body: Uint8Array): boolean {
    const { offset, timeMs, payload } = placed;
    if (payload.role === "header" && payload.codec === "h264") this.#configuration ??= body.slice(CONFIGURATION_AT);
    if (payload.role === "other") return false;
    if (payload.codec === undefined) {
      throw new LiveError("bad_container", `this kind of ${payload.kind} in FLV is not taken`);
    }
    if (!this.#codecs.has(payload.kind)) this.#codecs.set(payload.kind, payload.codec);
    if (payload.role === "frame") this.#held.push(placed);
    const [first] = this.#held;
    if ((first?.offset ?? offset) - this.#offset > MAX_INIT_BYTES) {
      throw new LiveError("bad_container", `the stream's header is longer than ${MAX_INIT_BYTES} bytes`);
    }
    if (first === undefined) return false;
    const isComplete = (["video", "audio"] as const).every((kind) => !this.#announced[kind] || this.#codecs.has(kind));
    return isComplete || timeMs - first.timeMs >= PATIENCE_MS || offset - first.offset >= PATIENCE_BYTES;
  }

  /** The opening is over: what it was, and all that came with it. */
  finish(events: ContainerEvent[]): FlvTimeline {
    const tracks = [...this.#codecs].map(([kind, codec]) => this.#track(kind, codec));
    refuseImpossible(tracks);
    const timeline = new FlvTimeline(tracks);
    const end = this.#held[0]?.offset ?? this.#offset;
    events.push({ type: "init", offset: this.#offset, end, kind: "flv", tracks });
    for (const placed of this.#held) timeline.add(placed, events);
    return timeline;
  }

  #track(kind: MediaTrack["kind"], codec: string): MediaTrack {
    const { sampleRate } = this.#metadata ?? {};
    // Metadata is not always there, nor always true; what the decoder is told is.
    const picture: H264Picture | undefined = this.#configuration && h264Picture(this.#configuration);
    const { width, height } = picture ?? this.#metadata ?? {};
    if (kind === "audio") {
      return { id: FLV_TAG.audio, kind, codec, ...(sampleRate === undefined ? {} : { sampleRate }) };
    }
    return {
      id: FLV_TAG.video,
      kind,
      codec,
      ...(width === undefined || height === undefined ? {} : { width, height }),
      ...pictureFacts({}, this.#configuration),
    };
  }
}
