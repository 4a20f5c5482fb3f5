import { FLV_TAG, writeTag } from "../../server/media/flv-tag.ts";
import type { FlvMessage } from "../../server/media/flv-writer.ts";
import { H264, makeMedia } from "./media-ffmpeg.ts";

const AAC = ["-c:a", "aac"];
const FLV = ["-flvflags", "no_duration_filesize", "-f", "flv"];

/** What RTMP publishers send, as files: a test picture with a key frame every half second, and a tone. */
export const flvs = {
  both: (seconds: number) => makeMedia({ seconds, video: H264, audio: AAC, output: FLV }),
  reordered: (seconds: number) => makeMedia({ seconds, video: [...H264, "-bf", "2"], audio: AAC, output: FLV }),
  videoOnly: (seconds: number) => makeMedia({ seconds, video: H264, output: FLV }),
  audioOnly: (seconds: number) => makeMedia({ seconds, audio: AAC, output: FLV }),
  mp3: (seconds: number) =>
    makeMedia({ seconds, video: H264, audio: ["-c:a", "libmp3lame", "-ar", "44100"], output: FLV }),
};

/** The tags of a file as messages, metadata first. */
export function messagesOf(file: Uint8Array): FlvMessage[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const messages: FlvMessage[] = [];
  for (let at = 13; at + 15 <= file.byteLength; ) {
    const size = view.getUint32(at) & 0xffffff;
    const type = Object.values(FLV_TAG).find((each) => each === view.getUint8(at));
    if (type === undefined) throw new Error(`no tag begins at ${at}`);
    const timeMs = view.getUint32(at + 4) >>> 8;
    messages.push({ type, timeMs, body: file.subarray(at + 11, at + 11 + size) });
    at += 11 + size + 4;
  }
  return messages;
}

/** One tag as a file has it. */
export function tag(kind: keyof typeof FLV_TAG, timeMs: number, ...body: readonly (number | string)[]): Uint8Array {
  const bytes = body.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Uint8Array.of(part)));
  return writeTag({ type: FLV_TAG[kind], timeMs }, Buffer.concat(bytes));
}
