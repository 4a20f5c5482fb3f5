import { z } from "zod";
import { analysisEvent } from "./analysis.ts";
import { broadcastId, channelName } from "./names.ts";

/** The WebSocket subprotocol of the live socket; docs/live-socket.md describes it for those who write a client. */
export const LIVE_SUBPROTOCOL = "millrace.live.v1";

/** Where a viewer begins: with the newest key frame, whose pictures are there already, or with the next one. */
const joinAt = z.enum(["newest", "next"]);

/** The query of `/live/CHANNEL/socket`. */
export const liveQuery = z.object({
  /** Else the server's setting decides. */
  join: joinAt.optional(),
  /** `1`: stay, also before the channel is live and after its broadcast's end, and get the next one. */
  wait: z.enum(["0", "1"]).default("0"),
  /** The picture to begin with, by its track's name, or `none`; else the first of the list. */
  video: z.string().max(32).optional(),
});

/** A media time and the Unix time in ms at which it reached the server: delay is counted from there. */
const liveClock = z.object({ mediaSeconds: z.number(), wallMs: z.number() });

/** One track that can be had. `index` is what the records of media call it. */
const liveTrack = z.object({
  index: z.number().int().min(0).max(255),
  name: z.string(),
  kind: z.enum(["video", "audio"]),
  /** RFC 6381. */
  codecs: z.string(),
  /** Highest bit rate so far in bit/s; missing until it has been measured. */
  bandwidth: z.number().int().positive().optional(),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
  frameRate: z.number().positive().optional(),
});

/** What the server says in text messages; media comes in binary ones. */
export const liveServerMessage = z.discriminatedUnion("type", [
  /** Nothing to play yet: the channel is not live, or its broadcast has sent too little. Only with `wait=1`. */
  z.object({ type: z.literal("waiting"), reason: z.enum(["offline", "starting"]) }),
  /** Comes first, and again whenever the list or a codec changes. `video` and `audio` are what is sent, by index. */
  z.object({
    type: z.literal("tracks"),
    broadcast: broadcastId,
    channel: channelName,
    tracks: z.array(liveTrack),
    video: z.number().int().nullable(),
    audio: z.number().int().nullable(),
    clock: liveClock,
  }),
  /** The publisher's clock runs differently from the server's: from now on reckon with this. */
  z.object({ type: z.literal("timeline"), clock: liveClock }),
  /** The answer to `clock`: the server's Unix time in ms, with fractions. */
  z.object({ type: z.literal("clock"), sentMs: z.number(), serverMs: z.number() }),
  /** The records that follow are of this picture; the first is its init segment, the second begins with a key frame. */
  z.object({ type: z.literal("switched"), video: z.number().int().nullable() }),
  /** The viewer was too slow: this much was left out, and it goes on at a key frame. `times` counts since joining. */
  z.object({
    type: z.literal("skipped"),
    chunks: z.number().int().nonnegative(),
    bytes: z.number().int().nonnegative(),
    times: z.number().int().positive(),
  }),
  /** Something was seen or heard (docs/analysis.md); a range comes again, with its length, when it is over. */
  z.object({ type: z.literal("event"), event: analysisEvent }),
  /** The broadcast is over; what was sent plays out. */
  z.object({ type: z.literal("ended"), broadcast: broadcastId }),
]);

const figure = z.number().nonnegative().finite();

/** What a viewer says, in text messages. */
export const liveClientMessage = z.discriminatedUnion("type", [
  /** Asks for the server's clock; `sentMs` comes back as it was. */
  z.object({ type: z.literal("clock"), sentMs: z.number().finite() }),
  /** Wants this picture by its track's name, or none. It begins with the next key frame. */
  z.object({ type: z.literal("choose"), video: z.string().max(32).nullable() }),
  /** Send nothing: the viewer has paused. */
  z.object({ type: z.literal("pause") }),
  /** Go on, with the newest key frame. */
  z.object({ type: z.literal("resume") }),
  /** How it goes with the viewer, every few seconds. Counts are since joining. */
  z.object({
    type: z.literal("report"),
    bufferMs: figure,
    /** Since the moment on screen reached the server. */
    delayMs: figure.nullable(),
    stalls: z.number().int().nonnegative(),
    droppedFrames: z.number().int().nonnegative(),
    /** The picture on screen, by its track's name. */
    rendition: z.string().max(32).nullable(),
    /** Round trip of the clock messages. */
    roundTripMs: figure.nullable(),
    /** From opening to the first picture; left out by clients that do not know. */
    joinMs: figure.nullable().optional(),
    /** What the connection carries, in kbit/s. */
    kbps: figure.nullable().optional(),
  }),
]);

export type LiveClock = z.infer<typeof liveClock>;
export type LiveTrack = z.infer<typeof liveTrack>;
export type LiveServerMessage = z.infer<typeof liveServerMessage>;
export type LiveClientMessage = z.infer<typeof liveClientMessage>;

/** Close codes of the live socket; each comes with a reason that a person can read. */
export const LIVE_CLOSE = {
  /** The broadcast is over, and the viewer did not want to wait. */
  ended: 1000,
  /** The server stops or starts anew: come back. */
  restarting: 1012,
  badMessage: 4400,
  /** The viewer may not watch any more: its link was withdrawn, or the channel is watched by link only now. */
  forbidden: 4403,
  /** Not live, and the viewer did not want to wait. */
  notLive: 4404,
  /** This server takes no more viewers. */
  full: 4429,
} as const;

/** Bytes before each record's payload. */
export const RECORD_HEADER_BYTES = 16;

/**
 * One record of a binary message: an init segment or a chunk of one track. A message is one record after the other.
 *
 * Header, big endian: u8 kind (1 init segment, 2 chunk), u8 track, u8 flags (1: begins with a key frame, 2: does not
 * continue what was sent of this track before), u8 zero, u32 bytes of payload, f64 presentation time of the first
 * sample in seconds on the broadcast's timeline (0 for an init segment).
 */
export interface LiveRecord {
  readonly kind: "init" | "chunk";
  readonly track: number;
  readonly key: boolean;
  readonly breaks: boolean;
  /** Seconds on the broadcast's timeline. */
  readonly time: number;
  readonly payload: Uint8Array;
}

const KINDS = { init: 1, chunk: 2 } as const;
const FLAGS = { key: 1, breaks: 2 } as const;

/** Writes a record's header into `target` at `offset`. */
export function writeRecordHeader(target: Uint8Array, offset: number, record: LiveRecord): void {
  const view = new DataView(target.buffer, target.byteOffset + offset, RECORD_HEADER_BYTES);
  view.setUint8(0, KINDS[record.kind]);
  view.setUint8(1, record.track);
  view.setUint8(2, (record.key ? FLAGS.key : 0) | (record.breaks ? FLAGS.breaks : 0));
  view.setUint8(3, 0);
  view.setUint32(4, record.payload.byteLength);
  view.setFloat64(8, record.time);
}

/** Reads a binary message. Payloads are views of it. Throws `RangeError` when it is not whole records. */
export function readRecords(message: ArrayBuffer): LiveRecord[] {
  const records: LiveRecord[] = [];
  for (let offset = 0; offset < message.byteLength; ) {
    const record = readRecord(message, offset);
    records.push(record);
    offset += RECORD_HEADER_BYTES + record.payload.byteLength;
  }
  return records;
}

function readRecord(message: ArrayBuffer, offset: number): LiveRecord {
  if (offset + RECORD_HEADER_BYTES > message.byteLength) throw new RangeError("a record's header is cut off");
  const view = new DataView(message, offset, RECORD_HEADER_BYTES);
  const [kind, flags, byteLength] = [view.getUint8(0), view.getUint8(2), view.getUint32(4)];
  if (kind !== KINDS.init && kind !== KINDS.chunk) throw new RangeError(`there is no record of kind ${kind}`);
  const begin = offset + RECORD_HEADER_BYTES;
  if (begin + byteLength > message.byteLength) throw new RangeError("a record is cut off");
  return {
    kind: kind === KINDS.init ? "init" : "chunk",
    track: view.getUint8(1),
    key: (flags & FLAGS.key) !== 0,
    breaks: (flags & FLAGS.breaks) !== 0,
    time: view.getFloat64(8),
    payload: new Uint8Array(message, begin, byteLength),
  };
}
