import { BoxReader } from "../../server/media/boxes.ts";
import { type ChunkInfo, parseChunk, parseInit, type TrackInit } from "../../server/media/cmaf.ts";

/** One moof with its mdat, and what it says. */
export interface CmafChunk {
  readonly moof: Uint8Array;
  readonly mdat: Uint8Array;
  readonly info: ChunkInfo;
}

/** What FFmpeg sends of one track: the init segment, then chunks. */
export interface CmafTrack {
  readonly kind: "video" | "audio";
  readonly bytes: Buffer;
  readonly init: Uint8Array;
  readonly info: TrackInit;
  readonly chunks: readonly CmafChunk[];
}

/** FFmpeg's options for single-track CMAF with a chunk for every frame, as the server's encoder makes it. */
export const CMAF = [
  ...["-f", "mp4", "-movflags", "+frag_keyframe+delay_moov+default_base_moof+cmaf+frag_discont"],
  ...["-frag_duration", "33000", "-flush_packets", "1"],
];

/** Everything a track's POST may be cut into. */
export function cutCmaf(bytes: Buffer): CmafTrack {
  const boxes = new BoxReader({ maxBoxBytes: 1 << 24 }).push(bytes);
  const init = Buffer.concat(boxes.filter(({ type }) => type === "ftyp" || type === "moov").map((box) => box.bytes));
  const info = parseInit(init);
  const chunks = boxes.flatMap((box, index) => {
    if (box.type !== "moof") return [];
    const mdat = boxes[index + 1]?.bytes ?? new Uint8Array(0);
    return { moof: box.bytes, mdat, info: parseChunk(box.bytes, info) };
  });
  return { kind: info.kind, bytes, init, info, chunks };
}
