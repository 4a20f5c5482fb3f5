import { LiveError } from "../core/errors.ts";
import { type BoxHeader, LARGE_HEADER_BYTES, readBoxHeader, SMALL_HEADER_BYTES } from "./box-header.ts";
import type { ByteWindow } from "./byte-window.ts";
import type { ContainerEvent } from "./container.ts";
import { refuseImpossible } from "./limits.ts";
import { MAX_INIT_BYTES, mp4BoxBound } from "./mp4-boxes.ts";
import { Mp4Timeline } from "./mp4-timeline.ts";
import type { Grammar } from "./scanner.ts";

/** Fragmented MP4 (ISO/IEC 14496-12 §8.8), one movie after another. Reads moov and moof and skips everything else. */
export class Mp4Grammar implements Grammar {
  readonly startWidth = SMALL_HEADER_BYTES;
  #started = false;
  #timeline: Mp4Timeline | undefined;
  /** Where the init bytes of the next epoch began. */
  #initOffset: number | undefined;
  /** Where the styp of the next fragment began. */
  #segmentOffset: number | undefined;

  get started(): boolean {
    return this.#started;
  }

  step(window: ByteWindow, events: ContainerEvent[]): boolean {
    const header = readBoxHeader(window.peek(LARGE_HEADER_BYTES));
    if (header === undefined) return false;
    this.#check(header);
    if (header.type === "moov") return this.#readMovie(header, window, events);
    if (header.type === "moof") return this.#readFragment(header, window, events);
    if (header.type === "ftyp") this.#openEpoch(window.offset);
    if (header.type === "styp") this.#segmentOffset ??= window.offset;
    window.skip(header.size);
    return true;
  }

  mayStart(bytes: Uint8Array, at: number): boolean {
    // Sizes below 16 MiB, so the first byte is 0: the quickest test comes first.
    if (bytes[at] !== 0 || (bytes[at + 4] ?? 0) < 0x66) return false;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const size = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const wanted = type === "ftyp" || (this.#timeline !== undefined && (type === "moof" || type === "styp"));
    return wanted && size > SMALL_HEADER_BYTES && size <= (mp4BoxBound(type) ?? 0);
  }

  recover(): void {
    this.#initOffset = undefined;
    this.#segmentOffset = undefined;
  }

  /** Media of the movie before must not be read with the tracks of the next. */
  #openEpoch(offset: number): void {
    this.#initOffset = offset;
    this.#timeline = undefined;
  }

  #check({ type, size }: BoxHeader): void {
    const bound = mp4BoxBound(type);
    if (bound === undefined)
      throw new LiveError("bad_container", `the stream is not MP4: it has no box type '${shown(type)}'`);
    if (this.#timeline === undefined && type === "mdat") {
      throw new LiveError(
        "bad_container",
        "this MP4 is not fragmented, or its media comes before its header (moov): record with fragments, e.g. -movflags frag_keyframe+empty_moov+default_base_moof",
      );
    }
    if (size > bound) throw new LiveError("bad_container", `a '${type}' box of ${size} bytes exceeds ${bound}`);
  }

  #readMovie(header: BoxHeader, window: ByteWindow, events: ContainerEvent[]): boolean {
    const { offset } = window;
    const from = this.#initOffset ?? offset;
    const end = offset + header.size;
    if (end - from > MAX_INIT_BYTES) {
      throw new LiveError("bad_container", `the stream's header is longer than ${MAX_INIT_BYTES} bytes`);
    }
    const body = readBody(header, window);
    if (body === undefined) return false;
    const timeline = new Mp4Timeline(body, end);
    refuseImpossible(timeline.tracks);
    this.#timeline = timeline;
    this.#initOffset = undefined;
    this.#started = true;
    events.push({ type: "init", offset: from, end, kind: "mp4", tracks: timeline.tracks });
    window.skip(header.size);
    return true;
  }

  #readFragment(header: BoxHeader, window: ByteWindow, events: ContainerEvent[]): boolean {
    if (this.#timeline === undefined)
      throw new LiveError("bad_container", "a fragment (moof) comes before the header (moov)");
    const body = readBody(header, window);
    if (body === undefined) return false;
    this.#timeline.addFragments(body, this.#segmentOffset ?? window.offset, events);
    this.#segmentOffset = undefined;
    window.skip(header.size);
    return true;
  }
}

function readBody({ size, headerBytes }: BoxHeader, window: ByteWindow): Uint8Array | undefined {
  const whole = window.peek(size);
  return whole.byteLength < size ? undefined : whole.subarray(headerBytes);
}

function shown(type: string): string {
  return type.replaceAll(/[^ -~]/g, "?");
}
