import { z } from "zod";
import { broadcastId } from "../../../server/protocol/names.ts";

/** The channel that all viewers watch, and its broadcast. */
export const CHANNEL = "fanout";
export const BROADCAST = broadcastId.parse("01920000-0000-7000-8000-000000000000");
/** Where the channel's playlists are, and from there its tracks. */
export const ROOT = `/live/${CHANNEL}/`;
export const FOLDER = `${BROADCAST}/`;

/** What a server process is started with, as JSON in its first argument. */
export const serverOptions = z.object({
  /** The folder of the loop. */
  folder: z.string(),
  windowSeconds: z.number().positive(),
  /** How long viewers will be served at most; what is made in advance lasts so long. */
  seconds: z.number().positive(),
  /** Of Millrace's socket. */
  batchMs: z.number().nonnegative(),
  /** Whether newcomers are refused when the server is at its limit. */
  refuses: z.boolean(),
});

/** What a server process says when it can be reached; `epochMs` is the Unix time of the broadcast's first moment. */
export const serverReady = z.object({ port: z.number(), epochMs: z.number() });

/** What the load process is told. */
export const loadCommand = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("aim"),
    port: z.number(),
    epochMs: z.number(),
    over: z.enum(["socket", "hls"]),
  }),
  /** So many viewers more, in the group called `crowd`. Answered when they are there, refused, or `limitMs` have passed. */
  z.object({
    type: z.literal("join"),
    crowd: z.string(),
    viewers: z.number().int().nonnegative(),
    perSecond: z.number().positive(),
    limitMs: z.number().positive(),
  }),
  /** Forgets what was measured of all crowds, and begins anew. */
  z.object({ type: z.literal("measure") }),
  z.object({ type: z.literal("report"), crowd: z.string() }),
]);

/** What the load process has measured of a crowd since it was told to. */
export const crowdReport = z.object({
  seconds: z.number(),
  /** How many of the crowd got anything. */
  served: z.number(),
  /** How many were refused so far, by the reason that they were told. */
  refused: z.record(z.string(), z.number()),
  /** How many were cut off or answered with an error after that. */
  failed: z.record(z.string(), z.number()),
  bytes: z.number(),
  /** Messages or answers. */
  answers: z.number(),
  /** Arrival minus due time of pictures, in ms; null when there were none. */
  lateness: z.object({ p50: z.number(), p99: z.number() }).nullable(),
});

export type ServerOptions = z.infer<typeof serverOptions>;
export type ServerReady = z.infer<typeof serverReady>;
export type LoadCommand = z.infer<typeof loadCommand>;
export type CrowdReport = z.infer<typeof crowdReport>;
