import { LiveError } from "../core/errors.ts";
import type { ByteWindow } from "./byte-window.ts";
import type { ContainerEvent } from "./container.ts";
import { type ElementHeader, readUnsigned } from "./ebml.ts";
import { BLOCK_GROUP_CHILDREN, CLUSTER_CHILDREN, ID, SEGMENT_CHILDREN } from "./matroska-ids.ts";
import { type BlockHeader, readBlockHeader } from "./webm-block.ts";
import { closedSize } from "./webm-element.ts";
import type { WebmTimeline } from "./webm-timeline.ts";

/** A BlockGroup whose end has not been reached. */
interface OpenGroup {
  readonly offset: number;
  readonly end: number;
  block: BlockHeader | undefined;
  /** Its frame needs other frames: it is no key frame. */
  referencing: boolean;
}

/** One open Cluster: reads its children one by one, skipping their frames (RFC 9559 §5.1.3). */
export class WebmCluster {
  /** Absolute offset of its end; `undefined` while only what follows will tell. */
  readonly end: number | undefined;
  readonly #timeline: WebmTimeline;
  readonly #offset: number;
  #timestamp: number | undefined;
  #hasBlocks = false;
  #group: OpenGroup | undefined;

  constructor(timeline: WebmTimeline, span: { readonly offset: number; readonly end: number | undefined }) {
    this.#timeline = timeline;
    this.#offset = span.offset;
    this.end = span.end;
  }

  /** Whether this element cannot be in the cluster, whose end nothing else tells (RFC 8794 §6.2). */
  endsBefore(id: number): boolean {
    if (this.end !== undefined || this.#group !== undefined || CLUSTER_CHILDREN.has(id)) return false;
    return id === ID.ebml || id === ID.segment || SEGMENT_CHILDREN.has(id);
  }

  /** Call before each `read`, and at the cluster's end: a BlockGroup that ended here becomes an event. */
  settle(offset: number, events: ContainerEvent[]): void {
    const group = this.#group;
    if (group === undefined || offset < group.end) return;
    this.#group = undefined;
    if (group.block !== undefined) this.#add({ ...group.block, key: !group.referencing }, group.offset, events);
  }

  /** Reads the child whose header is `element`; `head` are the first bytes of both. False: more bytes are needed. */
  read(element: ElementHeader, window: ByteWindow, head: Uint8Array, events: ContainerEvent[]): boolean {
    const group = this.#group;
    const bounds = group === undefined ? CLUSTER_CHILDREN : BLOCK_GROUP_CHILDREN;
    const size = closedSize(element, bounds, (group?.end ?? this.end ?? Number.POSITIVE_INFINITY) - window.offset);
    if (element.id === ID.blockGroup) return this.#open(window, element.headerBytes, size);
    if (element.id === ID.timestamp && !this.#readTimestamp(head, element.headerBytes, size)) return false;
    if (element.id === ID.referenceBlock && group !== undefined) group.referencing = true;
    if (element.id === ID.simpleBlock || element.id === ID.block) {
      const block = this.#readBlock(head, element.headerBytes, size);
      if (block === undefined) return false;
      if (group === undefined) this.#add(block, window.offset, events);
      else group.block = block;
    }
    window.skip(element.headerBytes + size);
    return true;
  }

  #open(window: ByteWindow, headerBytes: number, size: number): true {
    const { offset } = window;
    this.#group = { offset, end: offset + headerBytes + size, block: undefined, referencing: false };
    window.skip(headerBytes);
    return true;
  }

  #readTimestamp(head: Uint8Array, at: number, size: number): boolean {
    if (head.byteLength < at + size) return false;
    const timestamp = readUnsigned(head.subarray(at, at + size));
    if (!Number.isSafeInteger(timestamp)) throw new LiveError("bad_container", "a cluster has an impossible time");
    this.#timestamp = timestamp;
    return true;
  }

  #readBlock(head: Uint8Array, at: number, size: number): BlockHeader | undefined {
    const block = readBlockHeader(head, at, size);
    if (block !== undefined && !this.#timeline.has(block.track)) {
      throw new LiveError("bad_container", `a block belongs to track ${block.track}, which there is not`);
    }
    return block;
  }

  #add(block: BlockHeader, offset: number, events: ContainerEvent[]): void {
    const timestamp = this.#timestamp;
    if (timestamp === undefined) throw new LiveError("bad_container", "a block comes before its cluster's time");
    const cluster = { offset: this.#offset, end: this.end, timestamp };
    this.#timeline.add(block, { offset, cluster, firstOfCluster: !this.#hasBlocks }, events);
    this.#hasBlocks = true;
  }
}
