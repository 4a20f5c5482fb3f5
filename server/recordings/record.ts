import { z } from "zod";
import { broadcastId, channelName } from "../protocol/names.ts";

/** `broadcast.json`: what a recording's folder says of itself. */
export const broadcastRecord = z.object({
  id: broadcastId,
  channel: channelName,
  container: z.enum(["webm", "matroska", "mp4"]),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number().nonnegative().nullable(),
  bytes: z.number().int().nonnegative(),
  state: z.enum(["recording", "finished", "interrupted"]),
});

export type BroadcastRecord = z.infer<typeof broadcastRecord>;

/** Name of the record in a recording's folder. */
export const RECORD_NAME = "broadcast.json";

const EXTENSIONS = { webm: "webm", matroska: "mkv", mp4: "mp4" } as const;

/** The archive and the seekable remux of it (contract §6). */
export function mediaNames(container: BroadcastRecord["container"]): { source: string; seekable: string } {
  const extension = EXTENSIONS[container];
  return { source: `source.${extension}`, seekable: `seekable.${extension}` };
}
