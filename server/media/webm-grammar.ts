import { LiveError } from "../core/errors.ts";
import type { ByteWindow } from "./byte-window.ts";
import type { ContainerEvent } from "./container.ts";
import { type ElementHeader, MAX_ELEMENT_HEADER_BYTES, readElementHeader } from "./ebml.ts";
import { ID, SEGMENT_CHILDREN } from "./matroska-ids.ts";
import type { Grammar } from "./scanner.ts";
import { MAX_BLOCK_HEADER_BYTES } from "./webm-block.ts";
import { WebmCluster } from "./webm-cluster.ts";
import { closedSize, START_BYTES, startAt } from "./webm-element.ts";
import { WebmOpening } from "./webm-opening.ts";
import type { WebmTimeline } from "./webm-timeline.ts";

/** An element's header and as much behind it as any child of a cluster needs to be understood. */
const HEAD_BYTES = MAX_ELEMENT_HEADER_BYTES + MAX_BLOCK_HEADER_BYTES;

/**
 * WebM and Matroska (RFC 8794, RFC 9559), as a live stream has them: Segments and Clusters with or without a size, one
 * stream after another. Everything but headers is skipped.
 */
export class WebmGrammar implements Grammar {
  readonly startWidth = START_BYTES;
  #started = false;
  /** The epoch whose init bytes are being read. */
  #opening: WebmOpening | undefined;
  /** The epoch whose clusters are being read. */
  #timeline: WebmTimeline | undefined;
  /** Where the open Segment ends, as far as it says; `undefined` outside of any. */
  #segmentEnd: number | undefined;
  #cluster: WebmCluster | undefined;

  get started(): boolean {
    return this.#started;
  }

  step(window: ByteWindow, events: ContainerEvent[]): boolean {
    this.#close(window.offset, events);
    const head = window.peek(HEAD_BYTES);
    const element = readElementHeader(head);
    if (element === undefined) return false;
    if (this.#cluster?.endsBefore(element.id)) this.#cluster = undefined;
    if (this.#cluster !== undefined) return this.#cluster.read(element, window, head, events);
    if (element.id === ID.ebml) return this.#readEbmlHeader(element, window);
    return this.#segmentEnd === undefined
      ? this.#readOutside(element, window)
      : this.#readInSegment(element, window, this.#segmentEnd, events);
  }

  /** A cluster helps only where its tracks are known. */
  mayStart(bytes: Uint8Array, at: number): boolean {
    const start = startAt(bytes, at);
    return start === ID.ebml || (start === ID.cluster && this.#timeline !== undefined);
  }

  recover(): void {
    this.#cluster = undefined;
    this.#opening = undefined;
    // Bytes were lost, so the Segment's end is no longer where it said.
    this.#segmentEnd = Number.POSITIVE_INFINITY;
  }

  /** Leaves what has ended here. */
  #close(offset: number, events: ContainerEvent[]): void {
    this.#cluster?.settle(offset, events);
    if (this.#cluster?.end !== undefined && offset >= this.#cluster.end) this.#cluster = undefined;
    if (this.#segmentEnd !== undefined && offset >= this.#segmentEnd) this.#segmentEnd = undefined;
  }

  /** A new stream begins, be it the first or one that follows another. */
  #readEbmlHeader(element: ElementHeader, window: ByteWindow): boolean {
    const opening = WebmOpening.read(element, window);
    if (opening === undefined) return false;
    this.#opening = opening;
    this.#segmentEnd = undefined;
    return true;
  }

  #readOutside(element: ElementHeader, window: ByteWindow): boolean {
    if (element.id === ID.segment && this.#opening !== undefined) {
      const { offset } = window;
      this.#timeline = undefined;
      this.#segmentEnd =
        element.size === undefined ? Number.POSITIVE_INFINITY : offset + element.headerBytes + element.size;
      window.skip(element.headerBytes);
      return true;
    }
    if (element.id !== ID.void && element.id !== ID.crc32) {
      throw new LiveError("bad_container", "the stream is not WebM or Matroska: it does not begin with an EBML header");
    }
    window.skip(element.headerBytes + closedSize(element, SEGMENT_CHILDREN, Number.POSITIVE_INFINITY));
    return true;
  }

  #readInSegment(element: ElementHeader, window: ByteWindow, segmentEnd: number, events: ContainerEvent[]): boolean {
    if (element.id === ID.cluster) return this.#openCluster(element, window, segmentEnd, events);
    const size = closedSize(element, SEGMENT_CHILDREN, segmentEnd - window.offset);
    if (this.#opening !== undefined) return this.#opening.readSegmentChild(element, window);
    window.skip(element.headerBytes + size);
    return true;
  }

  #openCluster(element: ElementHeader, window: ByteWindow, segmentEnd: number, events: ContainerEvent[]): boolean {
    const { offset } = window;
    const { size, headerBytes } = element;
    if (size !== undefined) closedSize(element, SEGMENT_CHILDREN, segmentEnd - offset);
    if (this.#opening !== undefined) this.#finishOpening(this.#opening, offset, events);
    if (this.#timeline === undefined) throw new LiveError("bad_container", "a cluster comes before any tracks");
    this.#cluster = new WebmCluster(this.#timeline, {
      offset,
      end: size === undefined ? undefined : offset + headerBytes + size,
    });
    window.skip(headerBytes);
    return true;
  }

  #finishOpening(opening: WebmOpening, end: number, events: ContainerEvent[]): void {
    const { init, timeline } = opening.finish(end);
    events.push(init);
    this.#timeline = timeline;
    this.#opening = undefined;
    this.#started = true;
  }
}
