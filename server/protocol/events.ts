import { z } from "zod";
import { broadcastId, channelName } from "./names.ts";

const count = z.number().int().nonnegative();
const nothing = z.object({});

/** A figure or a word that an analyser tells. */
const analysisValue = z.union([z.number(), z.string(), z.boolean()]);

/**
 * Something that happened. `id` rises from one event to the next, over restarts too; `at` is when the server knew.
 * Events about the server as a whole have neither channel nor broadcast.
 */
export const serverEvent = z.discriminatedUnion("type", [
  /** The first bytes of a broadcast have been understood. */
  of("broadcast.started", z.object({ container: z.string() })),
  /** There is something to watch. */
  of("channel.live", nothing),
  /** The publisher lost its connection and is waited for. */
  of("broadcast.interrupted", nothing),
  of("broadcast.resumed", z.object({ awayMs: count })),
  /** `bytes` are in the log; `suspended`: the server ends, and the next start goes on with it. */
  of(
    "broadcast.ended",
    z.object({
      reason: z.enum(["finished", "disconnected", "interrupted", "stopped", "suspended", "failed"]),
      bytes: count,
    }),
  ),
  of(
    "rendition.available",
    z.object({
      track: z.string(),
      kind: z.enum(["video", "audio"]),
      codecs: z.string(),
      width: count.optional(),
      height: count.optional(),
    }),
  ),
  /** It is made no more, and why. */
  of("rendition.dropped", z.object({ track: z.string(), reason: z.string() })),
  /** What is left of the broadcast can be watched again. */
  of("recording.ready", z.object({ durationMs: z.number().nonnegative(), bytes: count })),
  of("recording.deleted", z.object({ reason: z.string() })),
  of("encoder.restarted", z.object({ reason: z.string() })),
  of("encoder.given-up", z.object({ reason: z.string() })),
  /** The number of viewers has passed a threshold, upwards or downwards. */
  of("viewers.threshold", z.object({ viewers: count, threshold: count, rising: z.boolean() })),
  /**
   * An analyser has found something (docs/analysis.md); times are on the broadcast's media clock. `event` counts those
   * of the broadcast: a range is told when it begins, with `durationMs` null, and again when it is over.
   */
  of(
    "analysis",
    z.object({
      event: count,
      analyser: z.string(),
      shape: z.enum(["range", "point", "sample"]),
      startMs: z.number(),
      durationMs: z.number().nonnegative().nullable(),
      values: z.record(z.string(), analysisValue),
    }),
  ),
  /** An analyser was stopped: it failed, hung or took too much memory. */
  of("analysis.failed", z.object({ analyser: z.string(), reason: z.string() })),
  /** Less of the disk is free than shall be: nothing new can begin. */
  of("disk.low", z.object({ freeBytes: count, floorBytes: count })),
  of("disk.ok", z.object({ freeBytes: count })),
]);

export type ServerEvent = z.infer<typeof serverEvent>;
export type EventType = ServerEvent["type"];

/** The types of events, as they are filtered and subscribed by. */
export const eventType = z.enum(serverEvent.options.map(({ shape }) => shape.type.value));

/** What happened, before it has its place among the others. */
export type NewEvent = Unplaced<ServerEvent>;
type Unplaced<E> = E extends ServerEvent ? Omit<E, "id" | "at"> : never;

function of<const T extends string, D extends z.ZodType>(type: T, data: D) {
  return z.object({
    id: count,
    at: z.iso.datetime(),
    type: z.literal(type),
    channel: channelName.optional(),
    broadcast: broadcastId.optional(),
    data,
  });
}
