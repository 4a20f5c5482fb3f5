import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { v7 as uuidv7 } from "uuid";
import { liveRoutes } from "../../../server/delivery/live-routes.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { problem } from "../../../server/protocol/api.ts";
import { lettingAllIn } from "../../helpers/admission.ts";
import { beginTrack, decoded, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present } from "../../helpers/presentation.ts";
import { ask, trickyPaths } from "../../helpers/raw-http.ts";

const picture = makePicture({ seconds: 7 });
const sound = makeSound({ seconds: 7 });
const ID = uuidv7();
const WAITING = uuidv7();

let app: FastifyInstance;
let url: string;
const store = new LiveStore();
const presentation = present();

beforeAll(async () => {
  beginTrack(presentation, "video0", picture);
  beginTrack(presentation, "audio0", sound);
  feed(presentation, { video0: [picture, picture.chunks], audio0: [sound, sound.chunks] });
  store.add({ broadcast: ID, channel: "channel", presentation });
  store.add({ broadcast: WAITING, channel: "waiting", presentation: present() });
  app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  await app.register(liveRoutes, { store, admission: lettingAllIn() });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
  store[Symbol.dispose]();
});

const HLS = "application/vnd.apple.mpegurl";
const FOREVER = "public, max-age=31536000, immutable";
const answers = [
  { path: "/live/channel/master.m3u8", type: HLS, cache: "no-cache" },
  { path: "/live/channel/manifest.mpd", type: "application/dash+xml", cache: "no-cache" },
  { path: `/live/channel/${ID}/video0/playlist.m3u8`, type: HLS, cache: "no-cache" },
  { path: `/live/channel/${ID}/video0/0/init.mp4`, type: "video/mp4", cache: FOREVER },
  { path: `/live/channel/${ID}/video0/0/1.m4s`, type: "video/mp4", cache: FOREVER },
  { path: `/live/channel/${ID}/audio0/0/init.mp4`, type: "audio/mp4", cache: FOREVER },
  { path: `/live/channel/${ID}/audio0/0/0.m4s`, type: "audio/mp4", cache: FOREVER },
];

describe.each(answers)("$path", ({ path, type, cache }) => {
  test("has its type, its cache rule, and is open to other sites", async () => {
    const { status, headers, body } = await ask(url, path, { headers: { origin: "https://elsewhere.example" } });
    expect(status).toBe(200);
    expect(headers["content-type"]?.split(";")[0]).toBe(type);
    expect(headers).toMatchObject({ "cache-control": cache, "access-control-allow-origin": "*" });
    expect(body.byteLength).toBe(Number(headers["content-length"]));
    expect(body.byteLength).toBeGreaterThan(0);
  });

  test("answers HEAD with the same headers and no body, and a preflight", async () => {
    const get = await ask(url, path);
    const head = await ask(url, path, { method: "HEAD" });
    expect([head.status, head.body.byteLength]).toEqual([200, 0]);
    expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
    expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
    const preflight = await ask(url, path, {
      method: "OPTIONS",
      headers: { origin: "https://elsewhere.example", "access-control-request-method": "GET" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    });
  });
});

test("everything that the playlists list can be fetched, and is the picture, frame for frame", async () => {
  const master = (await ask(url, "/live/channel/master.m3u8")).body.toString();
  const media = master.split("\n").find((line) => line.endsWith("playlist.m3u8") && !line.startsWith("#")) ?? "";
  const playlistUrl = new URL(media, `${url}/live/channel/master.m3u8`);
  const playlist = (await ask(url, playlistUrl.pathname)).body.toString();
  const init = /URI="([^"]+)"/.exec(playlist)?.[1] ?? "";
  const files = [init, ...playlist.split("\n").filter((line) => line.endsWith(".m4s"))];
  const bytes = await Promise.all(
    files.map(async (file) => (await ask(url, new URL(file, playlistUrl).pathname)).body),
  );
  const { frames, errors } = decoded(Buffer.concat(bytes));
  expect(errors).toBe("");
  expect(frames).toEqual(decoded(picture.bytes).frames.slice(0, 180));
});

test("the manifest names the clock of the server that was asked", async () => {
  const { body } = await ask(url, "/live/channel/manifest.mpd", { headers: { host: "live.example:81" } });
  expect(body.toString()).toContain(`value="http://live.example:81/time"`);
});

const nothing = [
  { name: "an unknown channel", path: "/live/unknown/master.m3u8", words: "the channel unknown is not live" },
  { name: "a channel with nothing to play yet", path: "/live/waiting/master.m3u8", words: "nothing to play yet" },
  { name: "a manifest of nothing yet", path: "/live/waiting/manifest.mpd", words: "nothing to play yet" },
  { name: "an unknown broadcast", path: `/live/channel/${uuidv7()}/video0/playlist.m3u8`, words: "no such track" },
  { name: "another channel's broadcast", path: `/live/waiting/${ID}/video0/playlist.m3u8`, words: "no such track" },
  { name: "an unknown track", path: `/live/channel/${ID}/video7/playlist.m3u8`, words: "no such track" },
  { name: "an unknown run", path: `/live/channel/${ID}/video0/9/0.m4s`, words: "video0 has no 0.m4s of run 9" },
  { name: "an unknown number", path: `/live/channel/${ID}/video0/0/99.m4s`, words: "video0 has no 99.m4s" },
  { name: "an unknown part", path: `/live/channel/${ID}/video0/0/part99.m4s`, words: "video0 has no part99.m4s" },
  { name: "another file", path: "/live/channel/other.txt", words: "there is nothing at" },
  { name: "nothing at all", path: "/live/x/nope", words: "there is nothing at /live/x/nope" },
];

test.each(nothing)("$name is 404, in words, open to other sites and kept by nobody", async ({ path, words }) => {
  const { status, headers, body } = await ask(url, path);
  expect(problem.parse(JSON.parse(body.toString()))).toMatchObject({
    status: 404,
    detail: expect.stringContaining(words),
  });
  expect(status).toBe(404);
  expect(headers["content-type"]).toContain("application/problem+json");
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["access-control-allow-origin"]).toBe("*");
});

const wrong = [
  `/live/a.b/master.m3u8`,
  `/live/live/master.m3u8`,
  `/live/channel/not-an-id/video0/playlist.m3u8`,
  `/live/channel/${ID}/video0/minus/0.m4s`,
  `/live/channel/${ID}/video0/0/one.m4s`,
  `/live/channel/${ID}/video0/0/0.m4s.part`,
];

test.each(wrong)("%s is 400", async (path) => {
  const { status, body } = await ask(url, path);
  expect(problem.parse(JSON.parse(body.toString())).status).toBe(400);
  expect(status).toBe(400);
});

test.each([...trickyPaths("/live/channel"), ...trickyPaths(`/live/channel/${ID}/video0/0`)])(
  "%s leads nowhere and is answered in the same words as everything",
  async (path) => {
    const { status, body } = await ask(url, path);
    expect([400, 404, 414]).toContain(status);
    expect(problem.parse(JSON.parse(body.toString())).status).toBe(status);
  },
);

test("a text is written anew when the edge has moved, and says the end", async () => {
  const path = `/live/channel/${ID}/video0/playlist.m3u8`;
  const before = (await ask(url, path)).body.toString();
  expect((await ask(url, path)).body.toString()).toBe(before);
  presentation.finish();
  const after = (await ask(url, path)).body.toString();
  expect(after).not.toBe(before);
  expect(after.endsWith("#EXT-X-ENDLIST\n")).toBe(true);
});
