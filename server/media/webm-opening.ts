import { LiveError } from "../core/errors.ts";
import type { ByteWindow } from "./byte-window.ts";
import type { ContainerEvent, ContainerKind } from "./container.ts";
import type { ElementHeader } from "./ebml.ts";
import { refuseImpossible } from "./limits.ts";
import { ID } from "./matroska-ids.ts";
import { closedSize } from "./webm-element.ts";
import {
  DEFAULT_TIMESTAMP_SCALE,
  parseEbmlHeader,
  parseTimestampScale,
  parseTracks,
  type WebmTracks,
} from "./webm-header.ts";
import { WebmTimeline } from "./webm-timeline.ts";

const EBML_HEADER: ReadonlyMap<number, number> = new Map<number, number>([[ID.ebml, 1024]]);

/** From the EBML header to the first cluster. */
const MAX_INIT_BYTES = 4 * 1024 * 1024;

/** The init bytes of an epoch while they are read. */
export class WebmOpening {
  readonly #offset: number;
  readonly #kind: ContainerKind;
  #timestampScale = DEFAULT_TIMESTAMP_SCALE;
  #tracks: WebmTracks | undefined;

  private constructor(offset: number, kind: ContainerKind) {
    this.#offset = offset;
    this.#kind = kind;
  }

  /** Reads an EBML header; `undefined` means that more bytes are needed. */
  static read(element: ElementHeader, window: ByteWindow): WebmOpening | undefined {
    const { offset } = window;
    const body = readBody(element, window, closedSize(element, EBML_HEADER, Number.POSITIVE_INFINITY));
    if (body === undefined) return undefined;
    const opening = new WebmOpening(offset, parseEbmlHeader(body));
    window.skip(element.headerBytes + body.byteLength);
    return opening;
  }

  /** Reads or skips one element between the beginning of the Segment and its first cluster. */
  readSegmentChild(element: ElementHeader, window: ByteWindow): boolean {
    const size = element.size ?? 0;
    this.#refuseBeyond(window.offset + element.headerBytes + size);
    if (element.id === ID.info || element.id === ID.tracks) {
      const body = readBody(element, window, size);
      if (body === undefined) return false;
      if (element.id === ID.info) this.#timestampScale = parseTimestampScale(body);
      else this.#tracks = parseTracks(body);
    }
    window.skip(element.headerBytes + size);
    return true;
  }

  /** The first cluster begins at `end`. */
  finish(end: number): { init: ContainerEvent; timeline: WebmTimeline } {
    if (this.#tracks === undefined)
      throw new LiveError("bad_container", "the stream has no tracks before its first cluster");
    this.#refuseBeyond(end);
    const { tracks } = this.#tracks;
    refuseImpossible(tracks);
    return {
      init: { type: "init", offset: this.#offset, end, kind: this.#kind, tracks },
      timeline: new WebmTimeline(this.#tracks, this.#timestampScale),
    };
  }

  #refuseBeyond(end: number): void {
    if (end - this.#offset <= MAX_INIT_BYTES) return;
    throw new LiveError("bad_container", `the stream's header is longer than ${MAX_INIT_BYTES} bytes`);
  }
}

function readBody(element: ElementHeader, window: ByteWindow, size: number): Uint8Array | undefined {
  const whole = window.peek(element.headerBytes + size);
  return whole.byteLength < element.headerBytes + size ? undefined : whole.subarray(element.headerBytes);
}
