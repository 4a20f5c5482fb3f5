import { LiveError } from "../core/errors.ts";
import type { ByteWindow } from "./byte-window.ts";
import type { ContainerEvent } from "./container.ts";
import { FlvOpening } from "./flv-opening.ts";
import { PAYLOAD_HEAD_BYTES, readPayload } from "./flv-payload.ts";
import {
  announcedKinds,
  BACK_POINTER_BYTES,
  FILE_HEADER_BYTES,
  FILE_HEADER_FIRST,
  FLV_TAG,
  isFileHeader,
  readTagHeader,
  TAG_HEADER_BYTES,
  type TagHeader,
  tagType,
  uint24,
} from "./flv-tag.ts";
import type { FlvTimeline } from "./flv-timeline.ts";
import type { Grammar } from "./scanner.ts";

/** Metadata is a few hundred bytes; of what is longer only the beginning is looked at. */
const MAX_SCRIPT_BYTES = 64 * 1024;
/** The first parameter set of H.264 is some thirty bytes. */
const MAX_CONFIGURATION_BYTES = 1024;
const STREAM_ID_AT = 8;

/**
 * FLV (Video File Format Specification 10.1, annex E) with the codecs of Enhanced RTMP, one file after another. Reads
 * the heads of tags and skips the rest; back pointers are not looked at, since encoders write them in many wrong ways.
 */
export class FlvGrammar implements Grammar {
  readonly startWidth = TAG_HEADER_BYTES + PAYLOAD_HEAD_BYTES;
  #started = false;
  #opening: FlvOpening | undefined;
  #timeline: FlvTimeline | undefined;

  get started(): boolean {
    return this.#started;
  }

  step(window: ByteWindow, events: ContainerEvent[]): boolean {
    const head = window.peek(FILE_HEADER_BYTES);
    if (head[0] === FILE_HEADER_FIRST) return this.#readFileHeader(head, window);
    if (head.byteLength < TAG_HEADER_BYTES) return false;
    if (this.#opening === undefined && this.#timeline === undefined) {
      throw new LiveError("bad_container", "the stream is not FLV: it does not begin with the header of a file");
    }
    const header = readTagHeader(head);
    const body = readBody(window, Math.min(header.size, this.#wantedOf(header.type)));
    if (body === undefined) return false;
    this.#readTag(header, { offset: window.offset, body }, events);
    window.skip(TAG_HEADER_BYTES + header.size + BACK_POINTER_BYTES);
    return true;
  }

  mayStart(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] === FILE_HEADER_FIRST) return isFileHeader(bytes, at);
    const type = tagType(bytes[at]);
    if (type === undefined || uint24(bytes, at + STREAM_ID_AT) !== 0 || uint24(bytes, at + 1) === 0) return false;
    return this.#timeline?.mayHold(type, bytes.subarray(at + TAG_HEADER_BYTES, at + this.startWidth)) === true;
  }

  recover(): void {
    this.#opening = undefined;
  }

  #wantedOf(type: TagHeader["type"]): number {
    const isOpening = this.#opening !== undefined;
    if (type === FLV_TAG.script) return isOpening ? MAX_SCRIPT_BYTES : 0;
    return isOpening && type === FLV_TAG.video ? MAX_CONFIGURATION_BYTES : PAYLOAD_HEAD_BYTES;
  }

  /** A new file begins, be it the first or one that follows another: its tags are not read with the tracks of that. */
  #readFileHeader(head: Uint8Array, window: ByteWindow): boolean {
    if (head.byteLength < FILE_HEADER_BYTES) return false;
    if (!isFileHeader(head)) throw new LiveError("bad_container", "the stream is not FLV of version 1");
    this.#opening = new FlvOpening(window.offset, announcedKinds(head));
    this.#timeline = undefined;
    window.skip(FILE_HEADER_BYTES);
    return true;
  }

  #readTag(
    { type, timeMs }: TagHeader,
    { offset, body }: { offset: number; body: Uint8Array },
    events: ContainerEvent[],
  ) {
    if (type === FLV_TAG.script) return this.#opening?.addScript(body);
    const payload = readPayload(type, body);
    if (payload === undefined) return;
    const placed = { offset, timeMs, payload };
    this.#timeline?.add(placed, events);
    if (this.#opening?.add(placed, body) !== true) return;
    this.#timeline = this.#opening.finish(events);
    this.#opening = undefined;
    this.#started = true;
  }
}

/** The first `length` bytes behind a tag's header; undefined while they are not there. */
function readBody(window: ByteWindow, length: number): Uint8Array | undefined {
  const whole = window.peek(TAG_HEADER_BYTES + length);
  return whole.byteLength < TAG_HEADER_BYTES + length ? undefined : whole.subarray(TAG_HEADER_BYTES);
}
