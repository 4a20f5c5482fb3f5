import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { v7 as uuidv7 } from "uuid";
import { CachedText } from "../../../server/core/cached-text.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { problem } from "../../../server/protocol/api.ts";
import { recordingRoutes } from "../../../server/recordings/routes.ts";
import { noise } from "../../helpers/bytes.ts";
import { ask, trickyPaths } from "../../helpers/raw-http.ts";
import { putRecording, recordOf, testCatalog } from "../../helpers/recordings.ts";
import type { TempFolder } from "../../helpers/temp-folder.ts";

const [older = "", newer = ""] = [uuidv7(), uuidv7()].toSorted();
const source = noise(100_000);
/** Deleted, and still played by somebody. */
const gone = uuidv7();
const asked: string[] = [];
/** What is not on the disk yet of the older one, which is live. */
const grown = {
  text: (name: string, clockUrl: string) =>
    name === "manifest.mpd" ? new CachedText(`manifest at ${clockUrl}`.repeat(100)) : undefined,
  media: (name: string) => (name === "audio0/0/3.m4s" ? Buffer.from("from memory") : undefined),
};

let app: FastifyInstance;
let url: string;
let folder: TempFolder;

beforeAll(async () => {
  const made = await testCatalog();
  folder = made.folder;
  const place = await putRecording(
    made.catalog,
    recordOf({ id: newer, channel: "cam", container: "matroska" }),
    source,
  );
  await writeFile(join(place, "seekable.mkv"), "seekable");
  for (const track of ["video0/0", "audio0/0"]) await mkdir(join(place, track), { recursive: true });
  for (const name of [
    "master.m3u8",
    "manifest.mpd",
    "video0/playlist.m3u8",
    "video0/0/init.mp4",
    "video0/0/7.m4s",
    "audio0/0/7.m4s",
    "index",
  ]) {
    await writeFile(join(place, name), name);
  }
  const open = { state: "recording", endedAt: null, durationMs: null, bytes: 0 } as const;
  await putRecording(made.catalog, recordOf({ id: older, ...open }), source);
  made.catalog.live.add(older);
  app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  await app.register(fastifyStatic, { root: folder.path, serve: false });
  const growing = (id: string) => (id === older ? grown : undefined);
  const deleted = { folderOf: (id: string) => (id === gone ? place : undefined) };
  await app.register(recordingRoutes, {
    catalog: made.catalog,
    replays: { asked: (id) => asked.push(id) },
    deleted,
    growing,
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
  await folder[Symbol.asyncDispose]();
});

test("a deleted recording that is played has its media, and nothing to begin with", async () => {
  asked.length = 0;
  expect((await ask(url, `/recordings/${gone}/video0/0/7.m4s`)).status).toBe(200);
  expect((await ask(url, `/recordings/${gone}/video0/0/init.mp4`)).status).toBe(200);
  expect((await ask(url, `/recordings/${gone}/master.m3u8`)).status).toBe(404);
  expect((await ask(url, `/recordings/${gone}/source`)).status).toBe(404);
  // Only who asks for segments plays it.
  expect(asked).toEqual([gone]);
});

test("what is live has what its broadcast has in memory, and everything else from the disk", async () => {
  const { status, headers, body } = await ask(url, `/recordings/${older}/audio0/0/3.m4s`);
  expect([status, headers["content-type"], body.toString()]).toEqual([200, "audio/mp4", "from memory"]);
  expect((await ask(url, `/recordings/${older}/audio0/0/4.m4s`)).status).toBe(404);
  const manifest = await ask(url, `/recordings/${older}/manifest.mpd`);
  expect(manifest.headers).toMatchObject({ "content-type": "application/dash+xml", "cache-control": "no-cache" });
  expect(manifest.body.toString()).toMatch(/^manifest at http:\/\/127\.0\.0\.1:\d+\/time/);
  const zipped = await ask(url, `/recordings/${older}/manifest.mpd`, { headers: { "accept-encoding": "gzip" } });
  expect(zipped.body.byteLength).toBeLessThan(200);
  expect((await ask(url, `/recordings/${older}/master.m3u8`)).status).toBe(404);
});

const files = [
  { path: "master.m3u8", type: "application/vnd.apple.mpegurl", cache: "no-cache" },
  { path: "manifest.mpd", type: "application/dash+xml", cache: "no-cache" },
  { path: "video0/playlist.m3u8", type: "application/vnd.apple.mpegurl", cache: "no-cache" },
  { path: "video0/0/init.mp4", type: "video/mp4", cache: "public, max-age=31536000, immutable" },
  { path: "video0/0/7.m4s", type: "video/mp4", cache: "public, max-age=31536000, immutable" },
  { path: "audio0/0/7.m4s", type: "audio/mp4", cache: "public, max-age=31536000, immutable" },
];

test.each(files)(
  "$path is there, with its type and cache rule, for other sites, too",
  async ({ path, type, cache }) => {
    const { status, headers, body } = await ask(url, `/recordings/${newer}/${path}`);
    expect([status, body.toString()]).toEqual([200, path]);
    expect(headers["content-type"]?.split(";")[0]).toBe(type);
    expect(headers).toMatchObject({ "cache-control": cache, "access-control-allow-origin": "*" });
    expect((await ask(url, `/recordings/${newer}/${path}`, { method: "OPTIONS" })).status).toBe(204);
  },
);

describe("the archive", () => {
  const path = `/recordings/${newer}/source`;

  test("is the untouched bytes, under a name that says what they are", async () => {
    const { status, headers, body } = await ask(url, path);
    expect([status, body.equals(source)]).toEqual([200, true]);
    expect(headers["content-type"]).toBe("video/x-matroska");
    expect(headers["accept-ranges"]).toBe("bytes");
    expect(headers["content-disposition"]).toBe(`inline; filename="cam-2026-01-02T03-04-source.mkv"`);
  });

  test.each([
    { range: "bytes=0-0", from: 0, to: 1 },
    { range: "bytes=100-999", from: 100, to: 1_000 },
    { range: "bytes=99990-", from: 99_990, to: 100_000 },
    { range: "bytes=-10", from: 99_990, to: 100_000 },
    { range: "bytes=99990-200000", from: 99_990, to: 100_000 },
  ])("has $range", async ({ range, from, to }) => {
    const { status, headers, body } = await ask(url, path, { headers: { range } });
    expect(status).toBe(206);
    expect(headers["content-range"]).toBe(`bytes ${from}-${to - 1}/100000`);
    expect(body.equals(source.subarray(from, to))).toBe(true);
  });

  test("has no range behind its end", async () => {
    expect((await ask(url, path, { headers: { range: "bytes=100000-" } })).status).toBe(416);
  });

  test("can be asked for without its body", async () => {
    const { status, headers, body } = await ask(url, path, { method: "HEAD" });
    expect([status, headers["content-length"], body.byteLength]).toEqual([200, "100000", 0]);
  });
});

test("the seekable copy is there with ranges, and is 404 until it has been made", async () => {
  const { status, body } = await ask(url, `/recordings/${newer}/seekable`, { headers: { range: "bytes=0-3" } });
  expect([status, body.toString()]).toEqual([206, "seek"]);
  const missing = await ask(url, `/recordings/${older}/seekable`);
  expect(problem.parse(JSON.parse(missing.body.toString())).status).toBe(404);
});

const nothing = [
  `/recordings/${uuidv7()}/source`,
  `/recordings/${uuidv7()}/master.m3u8`,
  // What a player has no business with.
  `/recordings/${newer}/index`,
  `/recordings/${newer}/broadcast.json`,
  `/recordings/${newer}/source.mkv`,
  `/recordings/${newer}/video0/0/8.m4s`,
];

test.each(nothing)("%s is 404, in words", async (path) => {
  const { status, body } = await ask(url, path);
  expect(problem.parse(JSON.parse(body.toString())).status).toBe(404);
  expect(status).toBe(404);
});

test("what is no id is 400", async () => {
  expect((await ask(url, "/recordings/not-an-id/source")).status).toBe(400);
});

test.each(trickyPaths(`/recordings/${newer}`))("%s leads nowhere", async (path) => {
  const { status, body } = await ask(url, path);
  expect([400, 404, 414]).toContain(status);
  expect(body.toString()).not.toContain("root:");
});
