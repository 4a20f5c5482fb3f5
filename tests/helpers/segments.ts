import type { Chunk, RunInit, Segment, SegmentRow } from "../../server/packaging/segment.ts";

/** Of everything below: a tick is a millisecond. */
export const TIMESCALE = 1000;

/** A chunk of one frame, with bytes that tell it from others. */
export function chunkAt(time: number, rest: Partial<Chunk> = {}): Chunk {
  const bytes = Buffer.from(`[${time}]`);
  return { bytes, decodeTime: time, time, duration: 33, samples: 1, key: false, ...rest };
}

/** An init segment whose bytes nobody reads. */
export function initOf(run: number, kind: "video" | "audio" = "video"): RunInit {
  const defaults = { duration: 0, size: 0, flags: 0 };
  const codecs = kind === "video" ? "avc1.42c00d" : "mp4a.40.2";
  return { run, bytes: Buffer.from(`init ${run}`), info: { kind, trackId: 1, timescale: TIMESCALE, codecs, defaults } };
}

/** A finished segment of two seconds with one byte for each of its milliseconds, unless `rest` says otherwise. */
export function segmentOf(number: number, rest: Partial<SegmentRow> = {}): Segment {
  const start = rest.start ?? number * 2_000;
  const duration = rest.duration ?? 2_000;
  const boundary = { number, time: start / TIMESCALE, wallMs: 1_700_000_000_000 + start, discontinuities: 0 };
  const bytes = new Uint8Array(rest.gap === true ? 0 : duration);
  const row = {
    ...{ number, run: 0, start, duration, bytes: bytes.byteLength, samples: 60, boundary, gap: false },
    ...rest,
  };
  return { row, bytes, parts: [] };
}
