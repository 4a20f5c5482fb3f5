import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { z } from "zod";
import type { CachedText } from "../core/cached-text.ts";
import { LiveError } from "../core/errors.ts";
import { allowOtherSites, FOREVER, FRESH } from "../core/http-headers.ts";
import { sendText } from "../core/send-text.ts";
import { recordingPath } from "../protocol/api.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { mediaNames } from "./record.ts";

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

/** What can be played again. */
export interface RecordingRoutesOptions {
  readonly catalog: Catalog;
  /** Told of every segment that is asked for. */
  readonly replays: { asked(id: string): void };
  /** Recordings that are deleted, where somebody still plays them. */
  readonly deleted: { folderOf(id: string): string | undefined };
  /** A recording whose broadcast is live, or was a moment ago. */
  readonly growing: (id: string) => Growing | undefined;
}

/** What of a recording is not on the disk yet. By names in its folder. */
export interface Growing {
  /** Playlists and manifest; `clockUrl` is where the server's clock is. */
  text(name: string, clockUrl: string): CachedText | undefined;
  media(name: string): Uint8Array | undefined;
}

/** Replay of recordings from their folders (contract §6). Needs `reply.sendFile`. */
export const recordingRoutes: FastifyPluginAsync<RecordingRoutesOptions> = async (app, options) => {
  const { catalog, replays, deleted, growing } = options;

  allowOtherSites(app, "/recordings");

  app.get("/recordings/:broadcast/source", async (request, reply) => {
    const entry = await need(catalog, request.params);
    return sendDownload(reply, entry, mediaNames(entry.record.container).source);
  });

  app.get("/recordings/:broadcast/seekable", async (request, reply) => {
    const entry = await need(catalog, request.params);
    return sendDownload(reply, entry, mediaNames(entry.record.container).seekable);
  });

  app.get<{ Params: { "*": string } }>("/recordings/:broadcast/*", async (request, reply) => {
    const file = playbackFile.safeParse(request.params["*"]);
    if (!file.success) throw new LiveError("not_found", "a recording has no such file");
    const { broadcast } = recordingPath.parse(request.params);
    const isMedia = /\/[^/]+\.(mp4|m4s|jpg)$/.test(file.data);
    if (file.data.endsWith(".m4s")) replays.asked(broadcast);
    reply.header("cache-control", isMedia ? FOREVER : FRESH);
    const bytes = isMedia ? growing(broadcast)?.media(file.data) : undefined;
    if (bytes !== undefined) return reply.type(typeOf(file.data)).send(bytes);
    // Who plays it has its playlists already.
    const gone = isMedia ? deleted.folderOf(broadcast) : undefined;
    if (gone !== undefined) return sendFile(reply, gone, file.data);
    const { record, folder } = await need(catalog, request.params);
    const clockUrl = `${request.protocol}://${request.host}/time`;
    const text = record.endedAt === null ? growing(broadcast)?.text(file.data, clockUrl) : undefined;
    if (text !== undefined) return sendText(request, reply, { type: typeOf(file.data), cache: FRESH, text });
    return sendFile(reply, folder, file.data);
  });
};

async function need(catalog: Catalog, given: unknown): Promise<CatalogEntry> {
  const { broadcast } = recordingPath.parse(given);
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
  reply.type(typeOf(file));
  return reply.sendFile(file, folder, { cacheControl: false, contentType: false });
}

/** The same types as live: the plugin's own for .m4s is another, and it knows no sound. */
function typeOf(file: string): string {
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return file.startsWith("audio") ? type.replace("video/mp4", "audio/mp4") : type;
}
