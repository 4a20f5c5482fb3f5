import { z } from "zod";
import { clipOrigin, recordingTitle } from "../protocol/api.ts";
import { broadcastId, channelName } from "../protocol/names.ts";

/** `broadcast.json`: what a recording's folder says of itself. */
export const broadcastRecord = z.object({
  id: broadcastId,
  channel: channelName,
  container: z.enum(["webm", "matroska", "mp4", "flv", "frames"]),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nonnegative().nullable(),
  bytes: z.number().int().nonnegative(),
  state: z.enum(["recording", "suspended", "finished", "interrupted"]),
  /** What people call it. */
  title: recordingTitle.optional(),
  /** It was cut out of another recording: it has no archive of its own. */
  clipOf: clipOrigin.optional(),
  /** What lets its publisher go on with it; not there when nobody can (any more). */
  resume: z
    .object({
      /** SHA-256 of the resume token, as hex. */
      tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
      /** How much longer it waits for its publisher; null while the server that writes it runs. */
      remainingMs: z.number().nonnegative().nullable(),
    })
    .optional(),
});

export type BroadcastRecord = z.infer<typeof broadcastRecord>;

/** What is in a recording's folder only while it is made (see server/packaging/journal.ts). */
export const WORKING_NAME = "journal";

/** Name of the record in a recording's folder. */
export const RECORD_NAME = "broadcast.json";

const EXTENSIONS = { webm: "webm", matroska: "mkv", mp4: "mp4", flv: "flv", frames: "frames" } as const;
/** No browser plays FLV, and MP4 holds what is in it; of images a video is made. */
const SEEKABLE_EXTENSIONS = { ...EXTENSIONS, flv: "mp4", frames: "mkv" } as const;

/** The archive and the seekable remux of it (contract §6). */
export function mediaNames(container: BroadcastRecord["container"]): { source: string; seekable: string } {
  return { source: `source.${EXTENSIONS[container]}`, seekable: `seekable.${SEEKABLE_EXTENSIONS[container]}` };
}
