import { z } from "zod";
import { analysisState } from "./analysis.ts";
import { broadcastId, channelName } from "./names.ts";

/** One track as the publisher sends it. Sizes in pixels; `codec` in lower case: h264, vp8, vp9, opus, aac … */
const sourceTrack = z.object({
  kind: z.enum(["video", "audio"]),
  codec: z.string(),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
});

/** One track as viewers get it. `codecs` is the RFC 6381 string, `bandwidth` the peak in bit/s once it is known. */
const rendition = z.object({
  track: z.string(),
  kind: z.enum(["video", "audio"]),
  codecs: z.string(),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
  frameRate: z.number().positive().optional(),
  bandwidth: z.number().int().positive().optional(),
});

/** A rendition of the ladder that is not made any more, because the encoder did not hold real time with it. */
const droppedRendition = z.object({
  track: z.string(),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
});

/** Something the publisher or the operator should know, in words a person understands. */
const notice = z.object({ at: z.iso.datetime(), text: z.string() });

/**
 * A broadcast that is live now. `ready` turns true with the first listed segment; `bytes` are in the log. `interrupted`:
 * the publisher lost its connection at `interruptedSince` and is waited for; viewers' pictures hold until it is back.
 * `failure`: why there is nothing new to watch any more although the publisher sends; null when all is well.
 * `analysis`: how its analysis goes; null where there is none.
 */
const liveBroadcast = z.object({
  id: broadcastId,
  channel: channelName,
  startedAt: z.iso.datetime(),
  state: z.enum(["live", "interrupted"]),
  interruptedSince: z.iso.datetime().nullable(),
  failure: z.string().nullable(),
  bytes: z.number().int().nonnegative(),
  ready: z.boolean(),
  container: z.string(),
  source: z.array(sourceTrack),
  renditions: z.array(rendition),
  dropped: z.array(droppedRendition),
  notices: z.array(notice),
  analysis: analysisState.nullable(),
});

/** The middle and the nearly worst of a figure among viewers; null when nobody has told. */
const spread = z.object({ p50: z.number(), p95: z.number() }).nullable();

/** What the viewers of one broadcast's live socket tell. Counts are of those who watch now. */
export const socketStats = z.object({
  viewers: z.number().int().nonnegative(),
  /** Since the moment on screen reached the server, in ms. */
  delayMs: spread,
  bufferMs: spread,
  roundTripMs: spread,
  stalls: z.number().int().nonnegative(),
  droppedFrames: z.number().int().nonnegative(),
  /** Times that a viewer was too slow and was moved on. */
  skips: z.number().int().nonnegative(),
  /** How many watch each picture. */
  renditions: z.record(z.string(), z.number().int().positive()),
});

/** What the viewers of one broadcast's image frames got. Counts are of those who watch now. */
export const frameStats = z.object({
  viewers: z.number().int().nonnegative(),
  /** Images. */
  sent: z.number().int().nonnegative(),
  /** Images that were left out for viewers that were too slow for them. */
  skipped: z.number().int().nonnegative(),
});

/**
 * `GET /api/v1/channels/NAME`: any valid name is answered; a channel nobody publishes to is simply not live. `onDemand`:
 * it is not live and begins when somebody watches it.
 */
export const channel = z.object({
  name: channelName,
  /** What its owner calls it; empty when nobody has said. */
  title: z.string(),
  description: z.string(),
  /** `link`: only with a signed link. */
  watch: z.enum(["open", "link"]),
  /** Why whoever asks may not watch; null when they may. */
  refusal: z.string().nullable(),
  live: z.boolean(),
  onDemand: z.boolean(),
  broadcast: liveBroadcast.nullable(),
});

/** `GET /api/v1/channels`. */
export const channelList = z.object({ items: z.array(channel) });

/** What people call a recording. */
export const recordingTitle = z.string().trim().min(1).max(200);

/** What a clip was cut out of, in ms from that recording's beginning. */
export const clipOrigin = z.object({
  recording: broadcastId,
  fromMs: z.number().nonnegative(),
  toMs: z.number().nonnegative(),
});

/** One item of `GET /api/v1/recordings` (contract §8). `bytes` are the archive's; of a clip, those of its MP4. */
export const recording = z.object({
  id: broadcastId,
  channel: channelName,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nonnegative().nullable(),
  bytes: z.number().int().nonnegative(),
  state: z.enum(["recording", "finished", "interrupted"]),
  title: recordingTitle.optional(),
  clipOf: clipOrigin.optional(),
});

/** Path of everything about one recording. */
export const recordingPath = z.object({ broadcast: broadcastId });

/** The token of a link, where one is needed. */
export const tokenQuery = z.object({ token: z.string().max(256).optional() });

/** Query of `GET /api/v1/recordings`: those of one channel only. */
export const recordingQuery = z.object({ channel: channelName.optional() });

/** `PATCH /api/v1/recordings/ID`; null takes the title away. */
export const recordingChange = z.strictObject({ title: recordingTitle.nullable() });

/** `POST /api/v1/recordings/ID/clips`: a clip between two points, in ms from the recording's beginning. */
export const clipRequest = z
  .strictObject({ fromMs: z.number().nonnegative(), toMs: z.number().nonnegative(), title: recordingTitle.optional() })
  .refine(({ fromMs, toMs }) => toMs > fromMs, "a clip ends after it begins");

/** The answer to it: a clip is a recording of its own, at these addresses below the server's own. */
export const clip = recording.extend({
  links: z.object({
    watch: z.string(),
    hls: z.string(),
    dash: z.string(),
    /** Null when its parts are made so differently that one file cannot hold them. */
    mp4: z.string().nullable(),
  }),
});

/** `GET /api/v1/recordings`, newest first. */
export const recordingList = z.object({ items: z.array(recording) });

/** An error body: RFC 9457 problem details. */
export const problem = z.object({ type: z.string(), title: z.string(), status: z.number().int(), detail: z.string() });

export type Rendition = z.infer<typeof rendition>;
export type SocketStats = z.infer<typeof socketStats>;
export type FrameStats = z.infer<typeof frameStats>;
export type LiveBroadcast = z.infer<typeof liveBroadcast>;
export type Channel = z.infer<typeof channel>;
export type Recording = z.infer<typeof recording>;
export type RecordingChange = z.infer<typeof recordingChange>;
export type ClipRequest = z.infer<typeof clipRequest>;
export type Clip = z.infer<typeof clip>;
export type Problem = z.infer<typeof problem>;
