import type { Chunk, RunInit } from "../../packaging/segment.ts";
import { type LiveRecord, RECORD_HEADER_BYTES, writeRecordHeader } from "../../protocol/live.ts";

/** A chunk on its way to viewers. */
export interface SocketChunk {
  readonly kind: "video" | "audio";
  /** The track's number on the socket. */
  readonly track: number;
  readonly init: RunInit;
  readonly chunk: Chunk;
  /** It does not continue what was sent of this track before. */
  readonly breaks: boolean;
}

/** What a chunk needs of its decoder. */
export interface SocketInit {
  readonly track: number;
  readonly init: RunInit;
}

/** Chunks of one picture and the sound in one binary message, whose bytes all viewers share. */
export interface MediaMessage {
  readonly bytes: Buffer;
  readonly chunks: number;
  /** Who has nothing yet can begin here. */
  readonly isStart: boolean;
  /** When the key frame is shown that it begins with, in seconds on the broadcast's timeline; undefined without one. */
  readonly keyTime: number | undefined;
  readonly video: SocketInit | undefined;
  readonly audio: SocketInit | undefined;
}

/** Puts chunks, whose init segments are one per kind, into one message. Without a picture all sound is a start. */
export function mediaMessage(chunks: readonly SocketChunk[], hasPicture: boolean): MediaMessage {
  const pictures = chunks.filter(({ kind }) => kind === "video");
  const [first] = pictures;
  return {
    bytes: recordBytes(chunks.map(recordOf)),
    chunks: chunks.length,
    isStart: first?.chunk.key ?? !hasPicture,
    keyTime: first?.chunk.key === true ? first.chunk.time / first.init.info.timescale : undefined,
    video: first,
    audio: chunks.find(({ kind }) => kind === "audio"),
  };
}

const initMessages = new WeakMap<RunInit, Buffer>();

/** A message with one init segment, made once for all viewers. */
export function initMessage({ track, init }: SocketInit): Buffer {
  const known = initMessages.get(init);
  if (known !== undefined) return known;
  const bytes = recordBytes([{ kind: "init", track, key: false, breaks: false, time: 0, payload: init.bytes }]);
  initMessages.set(init, bytes);
  return bytes;
}

function recordOf({ track, init, chunk, breaks }: SocketChunk): LiveRecord {
  const time = chunk.time / init.info.timescale;
  return { kind: "chunk", track, key: chunk.key, breaks, time, payload: chunk.bytes };
}

/** The only copy that is made of media for viewers: once per message, however many they are. */
function recordBytes(records: readonly LiveRecord[]): Buffer {
  const size = records.reduce((sum, { payload }) => sum + RECORD_HEADER_BYTES + payload.byteLength, 0);
  const bytes = Buffer.allocUnsafeSlow(size);
  let offset = 0;
  for (const record of records) {
    writeRecordHeader(bytes, offset, record);
    bytes.set(record.payload, offset + RECORD_HEADER_BYTES);
    offset += RECORD_HEADER_BYTES + record.payload.byteLength;
  }
  return bytes;
}
