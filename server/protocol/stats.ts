import { z } from "zod";
import { frameStats, socketStats } from "./api.ts";
import { broadcastId, channelName } from "./names.ts";

const count = z.number().int().nonnegative();
const figure = z.number().nonnegative();

/** A figure among viewers; null when nobody has told it. */
const summary = z
  .object({ min: z.number(), avg: z.number(), p50: z.number(), p95: z.number(), max: z.number() })
  .nullable();

/** How somebody watches. */
const deliveryName = z.enum(["socket", "hls", "dash", "frames"]);

/** One viewer, as far as it has told; the address is masked. Counts are since joining. */
const viewerStats = z.object({
  delivery: deliveryName,
  address: z.string(),
  since: z.iso.datetime(),
  /** The picture it watches, by track or, from players that tell only that, by bit rate. */
  rendition: z.string().nullable(),
  /** What its connection carries, in kbit/s. */
  kbps: figure.nullable(),
  bytes: count,
  delayMs: z.number().nullable(),
  bufferMs: figure.nullable(),
  stalls: count,
  /** From opening to the first picture. */
  joinMs: figure.nullable(),
});

/** Everybody who watches one broadcast. */
const audience = z.object({
  viewers: count,
  deliveries: z.record(z.string(), count),
  renditions: z.record(z.string(), count),
  delayMs: summary,
  bufferMs: summary,
  kbps: summary,
  joinMs: summary,
  stalls: count,
});

/** What the publisher sends, over the last seconds. */
const ingestStats = z.object({
  kbps: figure,
  frameRate: figure.nullable(),
  /** The longest time without a key frame so far. */
  keyIntervalSeconds: figure.nullable(),
  width: count.nullable(),
  height: count.nullable(),
  /** Containers so far: each further one is a change of camera or size. */
  containers: count,
  /** Bytes that wait for the disk. */
  queuedBytes: count,
});

/** How the encoder does. */
const encoderStats = z.object({
  /** How much of what the publisher has sent has not come out of it; null while nothing does. */
  delayMs: figure.nullable(),
  /** Of one core, over the last seconds; null where the system does not tell. */
  cpuPercent: figure.nullable(),
  /** Seconds of media that it makes in a second: 1 is real time. */
  speed: figure.nullable(),
  restarts: count,
  renditions: count,
  failure: z.string().nullable(),
});

/** One item of `GET /api/v1/stats`. */
const broadcastStats = z.object({
  channel: channelName,
  broadcast: broadcastId,
  startedAt: z.iso.datetime(),
  audience,
  ingest: ingestStats,
  encoder: encoderStats,
  /** To all viewers, since the broadcast's beginning. */
  bytesOut: count,
  socket: socketStats,
  frames: frameStats,
});

/** `GET /api/v1/stats`: one item for each broadcast that is live. */
export const liveStats = z.object({ items: z.array(broadcastStats) });

/** `GET /api/v1/broadcasts/ID/viewers`. */
export const viewerList = z.object({ items: z.array(viewerStats) });

/** One moment of a broadcast, for charts and for what its recording keeps. */
const audienceSample = z.object({
  at: z.iso.datetime(),
  viewers: count,
  delayMs: z.number().nullable(),
  stalls: count,
  kbpsIn: figure,
  kbpsOut: figure,
  encoderMs: figure.nullable(),
});

/** `GET /api/v1/broadcasts/ID/history`, oldest first. */
export const audienceHistory = z.object({ items: z.array(audienceSample) });

/** `GET /api/v1/stats/server`. */
export const serverStats = z.object({
  uptimeSeconds: figure,
  /** Of one core, over the last seconds. */
  cpuPercent: figure,
  memoryBytes: count,
  heapBytes: count,
  loopDelayMs: z.object({ p50: figure, p99: figure }),
  freeDiskBytes: count,
  broadcasts: count,
  viewers: count,
  /** How many broadcasts there may be at once. */
  maxBroadcasts: count,
});

export type Audience = z.infer<typeof audience>;
export type AudienceSample = z.infer<typeof audienceSample>;
export type BroadcastStats = z.infer<typeof broadcastStats>;
export type DeliveryName = z.infer<typeof deliveryName>;
export type EncoderStats = z.infer<typeof encoderStats>;
export type IngestStats = z.infer<typeof ingestStats>;
export type ServerStats = z.infer<typeof serverStats>;
export type ViewerStats = z.infer<typeof viewerStats>;
