import logger from "node-media-server/src/core/logger.js";
import Rtmp from "node-media-server/src/protocol/rtmp.js";
import { z } from "zod";
import { isLiveError, LiveError } from "../../core/errors.ts";
import { FLV_TAG } from "../../media/flv-tag.ts";
import type { FlvMessage } from "../../media/flv-writer.ts";
import { scriptBody } from "./script.ts";

/** What a client asked for or sent. */
export type RtmpEvent =
  | { readonly type: "publish"; readonly app: string; readonly name: string }
  | { readonly type: "play" }
  | { readonly type: "unpublish" }
  | { readonly type: "media"; readonly message: FlvMessage };

/** Message types of RTMP 1.0 §5.4, §6.2 and §7.1 that are not those of FLV tags. */
const MESSAGE = { setChunkSize: 1, abort: 2, windowSize: 5, amf3Data: 15 } as const;

/** Clients use five or so; each may hold a message that is not complete. */
const MAX_CHUNK_STREAMS = 64;
/** Of one command, or anything before the client may publish. */
const MAX_COMMAND_BYTES = 64 * 1024;
/** Of all messages that are being put together: the largest that there can be, and some more. */
const MAX_HELD_BYTES = 20 * 1024 * 1024;
const WINDOW_BYTES = 5_000_000;
const DYNAMIC_LIMIT = 2;
const RTMP_VERSION = 3;

const transaction = z.object({ transId: z.number() });
const connectMessage = transaction.extend({ cmdObj: z.object({ app: z.string().max(1024) }) });
const publishMessage = z.object({ streamName: z.string().max(1024) });

// What clients send would be written to the standard output.
logger.log = () => {};

/**
 * The protocol of one connection, without the connection: bytes in, what the client wants out. Mends from outside what
 * the library leaves open: it would say yes to every publisher, and allocate any length that it is told.
 */
export class RtmpProtocol extends Rtmp {
  #events: RtmpEvent[] = [];
  #isPublisher = false;
  #windowBytes = WINDOW_BYTES;
  #readBytes = 0;
  #acknowledged = 0;

  /** `send` gets all answers. */
  constructor(send: (bytes: Uint8Array) => void) {
    super();
    this.flv = undefined;
    this.onOutputCallback = send;
  }

  /** Reads on. Throws `bad_request` when this is no RTMP, and is of no further use then. */
  push(bytes: Buffer): RtmpEvent[] {
    if (bytes.byteLength === 0) return [];
    if (this.#readBytes === 0 && bytes[0] !== RTMP_VERSION) throw new LiveError("bad_request", "this is no RTMP");
    this.#readBytes += bytes.byteLength;
    try {
      this.parserData(bytes);
    } catch (error) {
      throw isLiveError(error) ? error : new LiveError("bad_request", "this is no RTMP", { cause: error });
    }
    this.#acknowledge();
    return this.#events.splice(0);
  }

  /** Bytes set aside for messages that are being put together. */
  get heldBytes(): number {
    return [...this.inPackets.values()].reduce((sum, { capacity }) => sum + capacity, 0);
  }

  /** Answers what the client asked for. */
  say(level: "status" | "error", code: string, description: string): void {
    // The library counts characters where bytes are meant.
    this.sendStatusMessage(this.streamId ?? 0, level, code, description.replaceAll(/[^ -~]/g, "?"));
  }

  override packetParse(): void {
    super.packetParse();
    if (this.inPackets.size > MAX_CHUNK_STREAMS) throw refused("there are too many chunk streams");
    const { bytes, header } = this.parserPacket;
    // Its length could be another now than what was set aside.
    if (bytes > 0 && header.fmt !== 3) throw refused("a message begins within another");
  }

  override packetAlloc(): void {
    const { length, type } = this.parserPacket.header;
    const isMedia = type === FLV_TAG.audio || type === FLV_TAG.video;
    if (length > MAX_COMMAND_BYTES && !(isMedia && this.#isPublisher)) throw refused(`a message has ${length} bytes`);
    const others = this.heldBytes - this.parserPacket.capacity;
    if (others + length > MAX_HELD_BYTES) throw refused("too many large messages come at once");
    super.packetAlloc();
  }

  override controlHandler(): void {
    const { header, payload } = this.parserPacket;
    if (header.length < 4) return;
    const value = payload.readUInt32BE();
    if (header.type === MESSAGE.abort) this.#abort(value);
    else if (header.type === MESSAGE.windowSize) this.#windowBytes = value;
    else if (header.type === MESSAGE.setChunkSize) {
      if (value === 0 || value > 0x7fffffff) throw refused(`chunks of ${value} bytes`);
      super.controlHandler();
    }
  }

  override dataHandler(): void {
    if (!this.#isPublisher) return;
    const { header, payload, clock } = this.parserPacket;
    // A copy: the library puts the next message into the same memory.
    const body = new Uint8Array(payload.subarray(0, header.length));
    if (header.type === FLV_TAG.audio || header.type === FLV_TAG.video) {
      this.#events.push({ type: "media", message: { type: header.type, timeMs: clock, body } });
      return;
    }
    const script = scriptBody(header.type === MESSAGE.amf3Data ? body.subarray(1) : body);
    this.#events.push({ type: "media", message: { type: FLV_TAG.script, timeMs: clock, body: script } });
  }

  override onConnect(message: unknown): void {
    const { transId, cmdObj } = connectMessage.parse(message);
    this.streamApp = cmdObj.app;
    this.objectEncoding = 0;
    this.sendWindowACK(WINDOW_BYTES);
    this.setPeerBandwidth(WINDOW_BYTES, DYNAMIC_LIMIT);
    this.setChunkSize(this.outChunkSize);
    this.respondConnect(transId);
  }

  override onCreateStream(message: unknown): void {
    this.respondCreateStream(transaction.parse(message).transId);
  }

  override onPublish(message: unknown): void {
    const { streamName } = publishMessage.parse(message);
    if (this.#isPublisher) throw refused("one connection publishes one stream");
    this.#isPublisher = true;
    this.streamId = this.parserPacket.header.stream_id;
    this.#events.push({ type: "publish", app: this.streamApp, name: streamName });
  }

  override onPlay(): void {
    this.streamId = this.parserPacket.header.stream_id;
    this.#events.push({ type: "play" });
  }

  override onDeleteStream(): void {
    if (this.#isPublisher) this.#events.push({ type: "unpublish" });
  }

  #abort(chunkStream: number): void {
    const packet = this.inPackets.get(chunkStream);
    if (packet !== undefined) packet.bytes = 0;
  }

  /** RTMP 1.0 §5.4.3: tells what has come, so often as the client asked for. */
  #acknowledge(): void {
    if (this.#readBytes - this.#acknowledged < this.#windowBytes) return;
    this.#acknowledged = this.#readBytes;
    this.sendACK(this.#readBytes % 2 ** 32);
  }
}

function refused(why: string): LiveError {
  return new LiveError("bad_request", `this RTMP is not taken: ${why}`);
}
