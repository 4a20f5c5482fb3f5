import { LiveError } from "../core/errors.ts";
import { ByteWindow } from "./byte-window.ts";
import { elementsIn, MAX_ELEMENT_HEADER_BYTES, readElementHeader, readFloat, readUnsigned } from "./ebml.ts";
import { ID } from "./matroska-ids.ts";
import { readBlockHeader } from "./webm-block.ts";

/** A track of uncompressed media: pictures of so many pixels, or sound. */
export type RawTrack =
  | { readonly kind: "picture"; readonly width: number; readonly height: number }
  | { readonly kind: "sound"; readonly sampleRate: number; readonly channels: number };

/** The contents of one block, copied: one picture, or a stretch of sound. */
export interface RawBlock {
  /** Counted from 1. */
  readonly track: number;
  readonly format: RawTrack;
  /** Milliseconds on the stream's clock. */
  readonly timeMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An uncompressed picture of 1920×1920 at two bytes a pixel; our own decoders send less. */
const MAX_BLOCK_BYTES = 8 * 1024 * 1024;
/** A track number of one byte, since there are few, a time of two, the flags. */
const BLOCK_HEADER_BYTES = 4;
const MAX_TRACKS_BYTES = 64 * 1024;
const TRACK_TYPES = { video: 1, audio: 2 } as const;
/** What is opened instead of skipped. */
const MASTERS: ReadonlySet<number> = new Set([ID.segment, ID.cluster]);

/**
 * Takes whole blocks out of the Matroska (RFC 9559) that our own decoder writes: clusters of simple blocks without
 * lacing, times in milliseconds. Throws `bad_container` for anything else that cannot be skipped.
 */
export class RawMatroska {
  readonly #window = new ByteWindow(0);
  readonly #tracks = new Map<number, RawTrack>();
  #clusterMs = 0;

  /** The blocks that these bytes complete, in stream order. */
  push(bytes: Uint8Array): RawBlock[] {
    const blocks: RawBlock[] = [];
    this.#window.feed(bytes);
    while (this.#step(blocks)) {
      // Each step reads one element.
    }
    this.#window.park();
    return blocks;
  }

  #step(blocks: RawBlock[]): boolean {
    const header = readElementHeader(this.#window.peek(MAX_ELEMENT_HEADER_BYTES));
    if (header === undefined) return false;
    const { id, headerBytes, size } = header;
    if (MASTERS.has(id)) {
      this.#window.skip(headerBytes);
      return true;
    }
    if (size === undefined) throw new LiveError("bad_container", "the decoder wrote an element without a size");
    const body = isRead(id) ? this.#whole(headerBytes, size) : NOTHING;
    if (body === undefined) return false;
    if (id === ID.tracks) this.#readTracks(body);
    else if (id === ID.timestamp) this.#clusterMs = readUnsigned(body);
    else if (id === ID.simpleBlock) this.#readBlock(body, blocks);
    this.#window.skip(headerBytes + size);
    return true;
  }

  /** An element's body once all of it is here. */
  #whole(headerBytes: number, size: number): Uint8Array | undefined {
    if (size > MAX_BLOCK_BYTES) throw new LiveError("bad_container", `the decoder wrote an element of ${size} bytes`);
    const element = this.#window.peek(headerBytes + size);
    return element.byteLength < headerBytes + size ? undefined : element.subarray(headerBytes);
  }

  #readTracks(body: Uint8Array): void {
    if (body.byteLength > MAX_TRACKS_BYTES) throw new LiveError("bad_container", "the decoder wrote too many tracks");
    for (const entry of elementsIn(body)) {
      if (entry.id !== ID.trackEntry) continue;
      const children = elementsIn(entry.body);
      const track = trackOf(children);
      if (track !== undefined) this.#tracks.set(numberIn(children, ID.trackNumber), track);
    }
  }

  #readBlock(body: Uint8Array, blocks: RawBlock[]): void {
    const header = readBlockHeader(body, 0, body.byteLength);
    const format = header && this.#tracks.get(header.track);
    if (header === undefined || format === undefined) {
      throw new LiveError("bad_container", "the decoder wrote a block of no track");
    }
    const { track, relativeTime } = header;
    const bytes = copyOf(body.subarray(BLOCK_HEADER_BYTES));
    blocks.push({ track, format, timeMs: this.#clusterMs + relativeTime, bytes });
  }
}

const NOTHING = new Uint8Array(0);

function isRead(id: number): boolean {
  return id === ID.tracks || id === ID.timestamp || id === ID.simpleBlock;
}

type Children = ReturnType<typeof elementsIn>;

function trackOf(children: Children): RawTrack | undefined {
  const type = numberIn(children, ID.trackType);
  const video = type === TRACK_TYPES.video ? bodyIn(children, ID.video) : undefined;
  if (video !== undefined) {
    const inner = elementsIn(video);
    return { kind: "picture", width: numberIn(inner, ID.pixelWidth), height: numberIn(inner, ID.pixelHeight) };
  }
  const audio = type === TRACK_TYPES.audio ? bodyIn(children, ID.audio) : undefined;
  if (audio === undefined) return undefined;
  const inner = elementsIn(audio);
  const sampleRate = readFloat(bodyIn(inner, ID.samplingFrequency) ?? NOTHING);
  return { kind: "sound", sampleRate, channels: Math.max(1, numberIn(inner, ID.channels)) };
}

function numberIn(children: Children, id: number): number {
  return readUnsigned(bodyIn(children, id) ?? NOTHING);
}

function bodyIn(children: Children, id: number): Uint8Array | undefined {
  return children.find((child) => child.id === id)?.body;
}

/** Bytes with a buffer of their own, which can be handed to another thread. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
