import { Readable } from "node:stream";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { CachedText } from "../core/cached-text.ts";
import { LiveError } from "../core/errors.ts";
import { allowOtherSites, FRESH } from "../core/http-headers.ts";
import { sendText } from "../core/send-text.ts";
import { siteOf } from "../core/site.ts";
import { recordingPath } from "../protocol/api.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { cacheOf, isMedia, typeOf } from "./file-types.ts";
import { mediaNames } from "./record.ts";
import type { KeptFile } from "./storage/store.ts";

/** The files of a recording that a player asks for, and no others: the name cannot lead out of the folder. */
const playbackFile = z
  .string()
  .regex(
    /^(master\.m3u8|manifest\.mpd|preview\.jpg|events\.json|previews\/(index\.json|thumbnails\.vtt|playlist\.m3u8|\d{1,9}\.jpg)|[a-z]+\d{1,3}\/(playlist\.m3u8|\d{1,9}\/(init\.mp4|\d{1,12}\.m4s)))$/,
  );

/** What can be played again. */
export interface RecordingRoutesOptions {
  readonly catalog: Catalog;
  /** Told of every segment that is asked for. */
  readonly replays: { asked(id: string): void };
  /** Recordings that are deleted, where somebody still plays them. */
  readonly deleted: { folderOf(id: string): string | undefined };
  /** A recording whose broadcast is live, or was a moment ago. */
  readonly growing: (id: string) => Growing | undefined;
  /** Undefined when recordings are kept nowhere else. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** Gives out files that are not here any more. */
interface Elsewhere {
  /** Undefined for a file that is here, or nowhere. */
  open(folder: string, file: string, range: string | undefined): Promise<KeptFile | undefined>;
}

/** What of a recording is not on the disk yet. By names in its folder. */
interface Growing {
  /** Playlists and manifest; `clockUrl` is where the server's clock is. */
  text(name: string, clockUrl: string): CachedText | undefined;
  media(name: string): Uint8Array | undefined;
}

/** Replay of recordings from their folders (contract §6). Needs `reply.sendFile`. */
export const recordingRoutes: FastifyPluginAsync<RecordingRoutesOptions> = async (app, options) => {
  const { catalog, replays, deleted, growing } = options;

  /** From here, or from where else it is kept: the whole file or a range of it. */
  const give = async (request: FastifyRequest, reply: FastifyReply, folder: string, file: string) => {
    const kept = await options.elsewhere?.open(folder, file, request.headers.range);
    if (kept === undefined) return sendFile(reply, folder, file);
    reply.code(kept.status).type(typeOf(file)).header("accept-ranges", "bytes").header("content-length", kept.bytes);
    if (kept.range !== undefined) reply.header("content-range", kept.range);
    if (request.method !== "HEAD") return reply.send(kept.body);
    // Fastify would read all of it to throw it away.
    kept.body.destroy();
    return reply.send(Readable.from([]));
  };

  /** Under a name that says what it is. */
  const download = (request: FastifyRequest, reply: FastifyReply, { record, folder }: CatalogEntry, file: string) => {
    const day = record.startedAt.slice(0, 16).replaceAll(":", "-");
    reply.header("content-disposition", `inline; filename="${record.channel}-${day}-${file}"`);
    reply.header("cache-control", FRESH);
    return give(request, reply, folder, file);
  };

  allowOtherSites(app, "/recordings");

  app.get("/recordings/:broadcast/source", async (request, reply) => {
    const entry = await need(catalog, request.params);
    return download(request, reply, entry, mediaNames(entry.record.container).source);
  });

  app.get("/recordings/:broadcast/seekable", async (request, reply) => {
    const entry = await need(catalog, request.params);
    return download(request, reply, entry, mediaNames(entry.record.container).seekable);
  });

  app.get<{ Params: { "*": string } }>("/recordings/:broadcast/*", async (request, reply) => {
    const file = playbackFile.safeParse(request.params["*"]);
    if (!file.success) throw new LiveError("not_found", "a recording has no such file");
    const { broadcast } = recordingPath.parse(request.params);
    const isFixed = isMedia(file.data);
    if (file.data.endsWith(".m4s")) replays.asked(broadcast);
    reply.header("cache-control", cacheOf(file.data));
    const bytes = isFixed ? growing(broadcast)?.media(file.data) : undefined;
    if (bytes !== undefined) return reply.type(typeOf(file.data)).send(bytes);
    // Who plays it has its playlists already.
    const gone = isFixed ? deleted.folderOf(broadcast) : undefined;
    if (gone !== undefined) return sendFile(reply, gone, file.data);
    const { record, folder } = await need(catalog, request.params);
    const clockUrl = `${siteOf(request)}/time`;
    const text = record.endedAt === null ? growing(broadcast)?.text(file.data, clockUrl) : undefined;
    if (text !== undefined) return sendText(request, reply, { type: typeOf(file.data), cache: FRESH, text });
    return give(request, reply, folder, file.data);
  });
};

async function need(catalog: Catalog, given: unknown): Promise<CatalogEntry> {
  const { broadcast } = recordingPath.parse(given);
  const entry = await catalog.find(broadcast);
  if (entry === undefined) throw new LiveError("not_found", `there is no recording ${broadcast}`);
  return entry;
}

function sendFile(reply: FastifyReply, folder: string, file: string): FastifyReply {
  reply.type(typeOf(file));
  return reply.sendFile(file, folder, { cacheControl: false, contentType: false });
}
