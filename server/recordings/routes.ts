import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { allowOtherSites, FOREVER, FRESH } from "../core/http-headers.ts";
import type { Recording } from "../protocol/api.ts";
import { broadcastId } from "../protocol/names.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { type BroadcastRecord, mediaNames } from "./record.ts";

const params = z.object({ broadcast: broadcastId });
/** The files of a recording that a player asks for, and no others: the name cannot lead out of the folder. */
const playbackFile = z
  .string()
  .regex(
    /^(master\.m3u8|manifest\.mpd|preview\.jpg|events\.json|previews\/(index\.json|thumbnails\.vtt|playlist\.m3u8|\d{1,9}\.jpg)|[a-z]+\d{1,3}\/(playlist\.m3u8|\d{1,9}\/(init\.mp4|\d{1,12}\.m4s)))$/,
  );

const TYPES: Readonly<Record<string, string>> = {
  m3u8: "application/vnd.apple.mpegurl",
  mpd: "application/dash+xml",
  mp4: "video/mp4",
  m4s: "video/mp4",
  webm: "video/webm",
  mkv: "video/x-matroska",
  flv: "video/x-flv",
  jpg: "image/jpeg",
  json: "application/json",
  vtt: "text/vtt; charset=utf-8",
};

/** Replay of recordings from their folders, and the list of them (contract §6, §8). Needs `reply.sendFile`. */
export const recordingRoutes: FastifyPluginAsync<{ readonly catalog: Catalog }> = async (app, { catalog }) => {
  app.get("/api/v1/recordings", async () => ({
    items: (await catalog.list()).map(({ record }) => toRecording(record)),
  }));

  app.get("/api/v1/recordings/:broadcast", async (request) =>
    toRecording((await need(catalog, request.params)).record),
  );

  await app.register(async (media) => {
    allowOtherSites(media, "/recordings");

    media.get("/recordings/:broadcast/source", async (request, reply) => {
      const entry = await need(catalog, request.params);
      return sendDownload(reply, entry, mediaNames(entry.record.container).source);
    });

    media.get("/recordings/:broadcast/seekable", async (request, reply) => {
      const entry = await need(catalog, request.params);
      return sendDownload(reply, entry, mediaNames(entry.record.container).seekable);
    });

    media.get<{ Params: { "*": string } }>("/recordings/:broadcast/*", async (request, reply) => {
      const file = playbackFile.safeParse(request.params["*"]);
      if (!file.success) throw new LiveError("not_found", "a recording has no such file");
      const { folder } = await need(catalog, request.params);
      const isMedia = /\/[^/]+\.(mp4|m4s|jpg)$/.test(file.data);
      reply.header("cache-control", isMedia ? FOREVER : FRESH);
      return sendFile(reply, folder, file.data);
    });
  });
};

async function need(catalog: Catalog, given: unknown): Promise<CatalogEntry> {
  const { broadcast } = params.parse(given);
  const entry = await catalog.find(broadcast);
  if (entry === undefined) throw new LiveError("not_found", `there is no recording ${broadcast}`);
  return entry;
}

/** The whole file or a range of it, under a name that says what it is. */
function sendDownload(reply: FastifyReply, { record, folder }: CatalogEntry, file: string): FastifyReply {
  const day = record.startedAt.slice(0, 16).replaceAll(":", "-");
  reply.header("content-disposition", `inline; filename="${record.channel}-${day}-${file}"`);
  reply.header("cache-control", FRESH);
  return sendFile(reply, folder, file);
}

function sendFile(reply: FastifyReply, folder: string, file: string): FastifyReply {
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  // The same types as live: the plugin's own for .m4s is another, and it knows no sound.
  reply.type(file.startsWith("audio") ? type.replace("video/mp4", "audio/mp4") : type);
  return reply.sendFile(file, folder, { cacheControl: false, contentType: false });
}

function toRecording({ id, channel, startedAt, endedAt, durationMs, bytes, state }: BroadcastRecord): Recording {
  return { id, channel, startedAt, endedAt, durationMs, bytes, state: state === "suspended" ? "recording" : state };
}
