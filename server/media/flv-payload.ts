import { FLV_TAG, uint24 } from "./flv-tag.ts";

/** What the first bytes of an audio or video tag's body say (FLV 10.1 §E.4.2, §E.4.3; Enhanced RTMP v2). */
export interface FlvPayload {
  readonly kind: "video" | "audio";
  /** As in {@link MediaTrack}; undefined for one that we do not know. */
  readonly codec: string | undefined;
  /** `header`: what the decoder must be given first. `other`: neither that nor a frame. */
  readonly role: "header" | "frame" | "other";
  readonly key: boolean;
  /** Milliseconds from decoding to showing. */
  readonly delayMs: number;
}

/** As many bytes of a body as {@link readPayload} looks at. */
export const PAYLOAD_HEAD_BYTES = 8;

const VIDEO: Readonly<Record<number, string>> = { 2: "flv1", 4: "vp6", 7: "h264" };
const AUDIO: Readonly<Record<number, string>> = {
  0: "pcm",
  1: "adpcm",
  2: "mp3",
  3: "pcm",
  4: "nellymoser",
  5: "nellymoser",
  6: "nellymoser",
  7: "pcm",
  8: "pcm",
  10: "aac",
  11: "speex",
  14: "mp3",
};
const FOUR_CC: ReadonlyMap<string, string> = new Map([
  ["avc1", "h264"],
  ["hvc1", "hevc"],
  ["av01", "av1"],
  ["vp08", "vp8"],
  ["vp09", "vp9"],
  ["mp4a", "aac"],
  ["Opus", "opus"],
  ["fLaC", "flac"],
  [".mp3", "mp3"],
  ["ac-3", "ac3"],
  ["ec-3", "eac3"],
]);

const H264 = 7;
const AAC = 10;
const ENHANCED_AUDIO = 9;
const ENHANCED_VIDEO = 0x80;
const KEY_FRAME = 1;
const COMMAND_FRAME = 5;

/** Packet types of Enhanced RTMP. From 6 on come several tracks in one, and modifiers: none of them is read. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;
/** Those of H.264 and AAC in plain FLV. */
const RAW = 1;
const FIRST_WITHOUT_FOUR_CC = 5;

/** Reads the head of a tag's body; undefined for an empty one. */
export function readPayload(type: typeof FLV_TAG.video | typeof FLV_TAG.audio, body: Uint8Array) {
  if (body[0] === undefined) return undefined;
  return type === FLV_TAG.video ? readVideo(body, body[0]) : readAudio(body, body[0]);
}

function readVideo(body: Uint8Array, first: number): FlvPayload {
  const frameType = (first >> 4) & 7;
  const base = { kind: "video", key: frameType === KEY_FRAME } as const;
  if (frameType === COMMAND_FRAME) return { ...base, codec: undefined, role: "other", delayMs: 0 };
  if (first & ENHANCED_VIDEO) return { ...base, ...enhanced(body, first & 15) };
  const codec = VIDEO[first & 15];
  if ((first & 15) !== H264) return { ...base, codec, role: "frame", delayMs: 0 };
  return { ...base, codec, role: plainRole(body), delayMs: int24(body, 2) };
}

function readAudio(body: Uint8Array, first: number): FlvPayload {
  const format = first >> 4;
  const base = { kind: "audio", key: true } as const;
  if (format === ENHANCED_AUDIO) return { ...base, ...enhanced(body, first & 15), delayMs: 0 };
  const role = format === AAC ? plainRole(body) : "frame";
  return { ...base, codec: AUDIO[format], role, delayMs: 0 };
}

/** Behind a codec that has a header stands one byte that tells it from frames. */
function plainRole(body: Uint8Array): FlvPayload["role"] {
  if (body[1] === 0) return "header";
  return body[1] === RAW ? "frame" : "other";
}

function enhanced(body: Uint8Array, packetType: number): Pick<FlvPayload, "codec" | "role" | "delayMs"> {
  if (packetType >= FIRST_WITHOUT_FOUR_CC) return { codec: undefined, role: "other", delayMs: 0 };
  const fourCc = String.fromCharCode(...body.subarray(1, 5));
  const codec = FOUR_CC.get(fourCc);
  if (packetType === SEQUENCE_START) return { codec, role: "header", delayMs: 0 };
  const hasDelay = packetType === CODED_FRAMES && (codec === "hevc" || codec === "h264");
  const isFrame = packetType === CODED_FRAMES || packetType === CODED_FRAMES_X;
  return { codec, role: isFrame ? "frame" : "other", delayMs: hasDelay ? int24(body, 5) : 0 };
}

function int24(bytes: Uint8Array, at: number): number {
  return (uint24(bytes, at) << 8) >> 8;
}
