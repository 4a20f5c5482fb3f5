import { LiveError } from "../core/errors.ts";
import { readMetadata } from "./flv-metadata.ts";
import { type FlvPayload, readPayload } from "./flv-payload.ts";
import { FLV_TAG, type FlvKinds, type TagHeader, writeFileHeader, writeTag } from "./flv-tag.ts";

/** One message of sound, picture or script. */
export interface FlvMessage {
  readonly type: TagHeader["type"];
  /** Milliseconds. */
  readonly timeMs: number;
  readonly body: Uint8Array;
}

/** A kind of track that may still come is waited for this long from the first frame on; bytes bound the memory. */
const PATIENCE_MS = 1000;
const MAX_HELD_BYTES = 2 * 1024 * 1024;
/** What an empty message costs. */
const MESSAGE_OVERHEAD_BYTES = 256;
/** Of one decoder header, or of metadata. */
const MAX_HEADER_BYTES = 256 * 1024;

const KINDS = ["video", "audio"] as const;
type Kind = (typeof KINDS)[number];

/**
 * Makes FLV of messages that came without a file around them. The beginning is held back until it is known which tracks
 * there are, so that the file's header announces them and all that decoders need first stands before the first frame. A
 * track that comes later, or whose decoder header changes, begins a new file.
 */
export class FlvWriter {
  #held: FlvMessage[] | undefined = [];
  #heldBytes = 0;
  #firstFrameMs: number | undefined;
  #metadata: FlvMessage | undefined;
  readonly #headers = new Map<Kind, FlvMessage>();
  readonly #seen = new Set<Kind>();

  /** The pieces of the file that this message completes. `message.body` is kept. Throws `bad_container`. */
  push(message: FlvMessage): Uint8Array[] {
    if (message.type === FLV_TAG.script) return this.#pushScript(message);
    const payload = readPayload(message.type, message.body);
    if (payload === undefined || payload.role === "other") return this.#pass(message);
    return this.#pushMedia(message, payload);
  }

  /** No more will come: what is held back is worth having all the same. */
  end(): Uint8Array[] {
    return this.#held === undefined || this.#seen.size === 0 ? [] : this.#open();
  }

  #pushScript(message: FlvMessage): Uint8Array[] {
    refuseAbove(MAX_HEADER_BYTES, message);
    this.#metadata = message;
    // While the beginning is held back, the newest metadata goes with it.
    return this.#held === undefined ? [writeTag(message, message.body)] : [];
  }

  #pushMedia(message: FlvMessage, { kind, role }: FlvPayload): Uint8Array[] {
    const isNews = role === "header" ? this.#learnHeader(kind, message) : !this.#seen.has(kind);
    this.#seen.add(kind);
    if (this.#held === undefined) {
      if (!isNews) return [writeTag(message, message.body)];
      return [...this.#beginning(), ...(role === "header" ? [] : [writeTag(message, message.body)])];
    }
    if (role === "frame") this.#hold(message);
    return this.#isOpen(message.timeMs) ? this.#open() : [];
  }

  #pass(message: FlvMessage): Uint8Array[] {
    // What is neither header nor frame means nothing before them.
    return this.#held === undefined ? [writeTag(message, message.body)] : [];
  }

  /** Whether the decoder needs this header and has not had it. */
  #learnHeader(kind: Kind, message: FlvMessage): boolean {
    refuseAbove(MAX_HEADER_BYTES, message);
    const known = this.#headers.get(kind);
    this.#headers.set(kind, message);
    return known === undefined || Buffer.compare(known.body, message.body) !== 0;
  }

  #hold(message: FlvMessage): void {
    this.#firstFrameMs ??= message.timeMs;
    this.#held?.push(message);
    this.#heldBytes += message.body.byteLength + MESSAGE_OVERHEAD_BYTES;
  }

  #isOpen(timeMs: number): boolean {
    if (this.#firstFrameMs === undefined) return false;
    const expected = this.#expected();
    const isComplete = KINDS.every((kind) => !expected[kind] || this.#seen.has(kind));
    return isComplete || timeMs - this.#firstFrameMs >= PATIENCE_MS || this.#heldBytes >= MAX_HELD_BYTES;
  }

  /** What metadata describes; both kinds where it says nothing of either. */
  #expected(): FlvKinds {
    const { video, audio } = readMetadata(this.#metadata?.body ?? new Uint8Array(0));
    return video || audio ? { video, audio } : { video: true, audio: true };
  }

  #open(): Uint8Array[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return [...this.#beginning(), ...held.map((message) => writeTag(message, message.body))];
  }

  /** A file's header, metadata and what the decoders need. */
  #beginning(): Uint8Array[] {
    const header = writeFileHeader({ video: this.#seen.has("video"), audio: this.#seen.has("audio") });
    const first = [this.#metadata, ...KINDS.map((kind) => this.#headers.get(kind))];
    return [header, ...first.flatMap((message) => (message === undefined ? [] : [writeTag(message, message.body)]))];
  }
}

function refuseAbove(most: number, { body }: FlvMessage): void {
  if (body.byteLength <= most) return;
  throw new LiveError("bad_container", `a header of ${body.byteLength} bytes is longer than ${most}`);
}
