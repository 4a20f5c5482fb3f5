import { z } from "zod";
import { broadcastId } from "./names.ts";

/** The WebSocket subprotocol of resumable publishing; docs/publishing.md describes it for those who write a client. */
export const PUBLISH_SUBPROTOCOL = "millrace.publish.v1";

/** A byte offset in the broadcast: bytes since its first one. */
const offset = z.number().int().nonnegative();

/** What a recorder says it makes. The bytes themselves decide; this refuses early what could never be taken. */
export const containerType = z
  .string()
  .max(256)
  .regex(/^(video|audio)\/(webm|matroska|x-matroska|mp4)\s*(;.*)?$/i, "only WebM, Matroska and MP4 are taken");

/** The query of `/publish/CHANNEL`; `broadcast` and `resume` together ask to go on with a broadcast. */
export const publishQuery = z
  .object({
    key: z.string().max(256).optional(),
    type: z.string().max(256).optional(),
    broadcast: broadcastId.optional(),
    resume: z.string().max(256).optional(),
  })
  .refine(({ broadcast, resume }) => (broadcast === undefined) === (resume === undefined), {
    message: "broadcast and resume go together",
  });

/** What the server says, in text messages. */
export const publishServerMessage = z.discriminatedUnion("type", [
  /** Comes first: send the broadcast's bytes from `offset` on. `resume` is a secret: it lets a later connection go on. */
  z.object({ type: z.literal("ready"), broadcast: broadcastId, resume: z.string(), offset }),
  /** All bytes before `offset` are in the archive file: they need not be kept any longer. */
  z.object({ type: z.literal("ack"), offset }),
  /** The answer to `end`: the archive is final. */
  z.object({ type: z.literal("ended") }),
]);

/** What the publisher says, in text messages; media comes in binary ones. */
export const publishClientMessage = z.discriminatedUnion("type", [
  /** The next byte begins a new container, and nothing more will come of the one before. */
  z.object({ type: z.literal("restart"), mimeType: z.string().max(256) }),
  /** The broadcast is over. */
  z.object({ type: z.literal("end") }),
]);

/** Why the server closes a publisher's socket (contract §4). Below 4000 it may come back and go on, but for the first. */
export const PUBLISH_CLOSE = {
  /** `ended` was said before. */
  done: 1000,
  /** The server restarts: come back and resume. */
  restarting: 1012,
  /** Nothing was sent for too long: come back and resume when there is something. */
  idle: 1013,
  /** Something is wrong in the server. */
  failed: 1011,
  /** What was sent or asked for makes no sense. */
  badRequest: 4400,
  /** The key is missing or wrong. */
  badKey: 4401,
  /** Stopped by the operator: do not come back. */
  stopped: 4403,
  /** There is no such broadcast (any more), or the token is not the one that belongs to it. */
  nothingToResume: 4404,
  /** The channel is live already, or another connection has taken this broadcast over. */
  channelBusy: 4409,
  /** Not a container that is taken. */
  badContainer: 4415,
  /** Too many connections or broadcasts. */
  tooMany: 4429,
  /** No room: for another broadcast, or on the disk. */
  noRoom: 4503,
} as const;

export type PublishServerMessage = z.infer<typeof publishServerMessage>;
export type PublishClientMessage = z.infer<typeof publishClientMessage>;
