import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { readLoop } from "./media.ts";
import { type RehearsedMove, rehearseHls } from "./rehearsal.ts";
import { readOptions, ready } from "./serve.ts";
import { keepTime, Stage, secondsBefore, sharedMs } from "./stage.ts";
import { FOLDER, ROOT } from "./talk.ts";

/** What Millrace's LL-HLS is measured against: `node:http`, a map, and a list of those who wait for each playlist. */

/** Rehearsing takes less; the dates in playlists are written before the time comes. */
const REHEARSAL_MS = 5_000;
/** Parts of both tracks that can be asked for: more than a playlist lists. */
const PARTS_KEPT = 200;
const COMMON = [
  "access-control-allow-origin",
  "*",
  "access-control-expose-headers",
  "content-length, content-range, date",
];
const PLAYLIST = [
  ...COMMON,
  ...["content-type", "application/vnd.apple.mpegurl", "cache-control", "public, max-age=18"],
  ...["vary", "accept-encoding", "content-encoding", "gzip"],
];
const PART = [...COMMON, "content-type", "video/mp4", "cache-control", "public, max-age=31536000, immutable"];

/** One playlist as it is now, and who waits for its next version. */
interface Playlist {
  readonly waiting: ServerResponse[];
  now: RehearsedMove | undefined;
}

const options = readOptions();
const loop = readLoop(options.folder);
const stage = new Stage(loop, options.windowSeconds);
const startMs = sharedMs() + REHEARSAL_MS;
const before = secondsBefore(options.windowSeconds);
const epochMs = startMs - before * 1000;
const { moves, master } = rehearseHls(stage, loop, { ...options, epochMs, root: ROOT, folder: FOLDER });
const playlists = new Map<string, Playlist>(moves.map(({ playlist }) => [playlist, { waiting: [], now: undefined }]));
const parts = new Map<string, Uint8Array>();

const server = createServer((request, response) => {
  const url = request.url ?? "";
  const part = parts.get(url);
  if (part !== undefined) return send(response, PART, part);
  const query = url.indexOf("?");
  const playlist = playlists.get(query < 0 ? url : url.slice(0, query));
  if (playlist?.now !== undefined) {
    if (query >= 0 && url.slice(query) === playlist.now.next) playlist.waiting.push(response);
    else send(response, PLAYLIST, playlist.now.gzipped);
  } else if (url === `${ROOT}master.m3u8`) send(response, COMMON, master);
  else response.writeHead(404, ["content-length", "0"]).end();
});

function send(response: ServerResponse, headers: readonly string[], body: Uint8Array): void {
  response.writeHead(200, [...headers, "content-length", String(body.byteLength)]).end(body);
}

function take(move: RehearsedMove): void {
  parts.set(move.part, move.bytes);
  if (parts.size > PARTS_KEPT) for (const oldest of parts.keys()) if (parts.delete(oldest)) break;
  const playlist = playlists.get(move.playlist);
  if (playlist === undefined) return;
  playlist.now = move;
  for (const response of playlist.waiting.splice(0)) send(response, PLAYLIST, move.gzipped);
}

let index = 0;
if (sharedMs() > startMs) throw new Error("the rehearsal took too long");
await sleep(startMs - sharedMs());
server.listen(0, "127.0.0.1", () => ready({ port: (server.address() as AddressInfo).port, epochMs }));
await keepTime(
  () => {
    const next = moves[index];
    return next && epochMs + next.end * 1000;
  },
  () => {
    const move = moves[index++];
    if (move !== undefined) take(move);
  },
);
