import { v7 as uuidv7 } from "uuid";
import type { LiveBroadcast } from "../../server/protocol/api.ts";
import type { ServerSetup } from "../../server/protocol/server.ts";
import type { Audience, BroadcastStats, ServerStats } from "../../server/protocol/stats.ts";

const id = uuidv7();
const startedAt = "2026-01-02T03:00:00.000Z";

/** A server as it is out of the box. */
export const setup: ServerSetup = {
  publish: "open",
  ladder: "ORIGINAL,640x360~800",
  record: true,
  rtmpPort: 1935,
  framesPort: 7006,
  maxKeyIntervalSeconds: 3,
  minFreeBytes: 500_000_000,
};

/** A broadcast that is live since 03:00, with nothing wrong. */
export function broadcastOf(changes: Partial<LiveBroadcast> = {}): LiveBroadcast {
  return {
    id,
    channel: "cam",
    startedAt,
    state: "live",
    interruptedSince: null,
    failure: null,
    bytes: 1_000_000,
    ready: true,
    container: "webm",
    source: [{ kind: "video", codec: "vp8", width: 1280, height: 720 }],
    renditions: [
      { track: "video0", kind: "video", codecs: "avc1.42c01f", width: 1280, height: 720, frameRate: 29.97002997 },
      { track: "audio0", kind: "audio", codecs: "mp4a.40.2", bandwidth: 128_000 },
    ],
    dropped: [],
    notices: [],
    analysis: null,
    ...changes,
  };
}

/** So many viewers, without trouble. */
export function audienceOf(viewers: number): Audience {
  return {
    viewers,
    deliveries: viewers === 0 ? {} : { socket: viewers },
    renditions: {},
    delayMs: null,
    bufferMs: null,
    kbps: null,
    joinMs: null,
    stalls: 0,
  };
}

/** The figures of that broadcast. */
export function statsOf(changes: Partial<BroadcastStats> = {}): BroadcastStats {
  return {
    channel: "cam",
    broadcast: id,
    startedAt,
    audience: audienceOf(1),
    ingest: {
      kbps: 2_500,
      frameRate: 30,
      keyIntervalSeconds: 1.02,
      width: 1280,
      height: 720,
      containers: 1,
      queuedBytes: 0,
    },
    encoder: { delayMs: 300, cpuPercent: 12, speed: 1, restarts: 0, renditions: 2, failure: null },
    bytesOut: 5_000_000,
    socket: {
      viewers: 1,
      delayMs: null,
      bufferMs: null,
      roundTripMs: null,
      stalls: 0,
      droppedFrames: 0,
      skips: 0,
      renditions: {},
    },
    frames: { viewers: 0, sent: 0, skipped: 0 },
    ...changes,
  };
}

/** A server with room for more. */
export function serverOf(changes: Partial<ServerStats> = {}): ServerStats {
  return {
    uptimeSeconds: 60,
    cpuPercent: 12.4,
    memoryBytes: 120_000_000,
    heapBytes: 40_000_000,
    loopDelayMs: { p50: 1, p99: 12.34 },
    freeDiskBytes: 80_000_000_000,
    broadcasts: 1,
    viewers: 1,
    maxBroadcasts: 50,
    ...changes,
  };
}
