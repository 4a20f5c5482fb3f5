import { Agent, get } from "node:http";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { beginTrack, between, feed, makePicture } from "../../helpers/cmaf.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type LiveServer, serveLive } from "../../helpers/live-http.ts";
import { heldBytes } from "../../helpers/memory.ts";
import { present, presentWith, run, trackOf } from "../../helpers/presentation.ts";
import { ask } from "../../helpers/raw-http.ts";

const picture = makePicture({ seconds: 9 });

let presentation: Presentation;
let server: LiveServer;

/** Two whole segments of ten parts, and two parts of the third. */
beforeEach(async () => {
  presentation = presentWith({ video0: [picture, between(picture, 2, 6.4)] }, { tracks: ["video"], windowSeconds: 60 });
  server = await serveLive(presentation);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const playlistPath = (query = "") => `${server.folder("video0")}/playlist.m3u8${query}`;
const waiting = () => trackOf(presentation, "video0").moved.waiting;

/** Asks for something that is not there yet. */
async function held(path: string) {
  const { status, headers, body } = await ask(server.url, path);
  return { status, headers, text: body.toString() };
}

function feedTo(from: number, to: number) {
  feed(presentation, { video0: [picture, between(picture, from, to)] });
}

describe("a blocking reload", () => {
  test("is answered the moment its part is there, and may be cached", async () => {
    const answer = held(playlistPath("?_HLS_msn=2&_HLS_part=2"));
    await eventually("it waits", () => waiting() === 1);
    feedTo(6.4, 6.6);
    const { status, headers, text } = await answer;
    expect([status, headers["cache-control"]]).toEqual([200, "public, max-age=12"]);
    expect(text).toContain(`part22.m4s"`);
    expect(waiting()).toBe(0);
  });

  test("is not answered by anything less", async () => {
    let answered = false;
    const answer = held(playlistPath("?_HLS_msn=2&_HLS_part=4")).finally(() => {
      answered = true;
    });
    await eventually("it waits", () => waiting() === 1);
    feedTo(6.4, 6.8);
    await eventually("it waits again", () => waiting() === 1);
    expect(answered).toBe(false);
    feedTo(6.8, 7);
    expect((await answer).text).toContain(`part24.m4s"`);
  });

  test.each([
    { name: "a segment alone", query: "?_HLS_msn=3" },
    { name: "its first part", query: "?_HLS_msn=3&_HLS_part=0" },
    { name: "a part past the last of the segment before", query: "?_HLS_msn=2&_HLS_part=10" },
  ])("for $name is answered with the segment's first part", async ({ query }) => {
    const answer = held(playlistPath(query));
    await eventually("it waits", () => waiting() === 1);
    feedTo(6.4, 8.1);
    await eventually("it still waits", () => waiting() === 1);
    feedTo(8.1, 8.2);
    const { text } = await answer;
    expect(text).toContain("0/2.m4s\n");
    expect(text.match(/part30\.m4s/g)).toHaveLength(1);
  });

  test("for what is long there, or gone, gets the whole playlist at once", async () => {
    for (const query of ["?_HLS_msn=0", "?_HLS_msn=1&_HLS_part=9", "?_HLS_msn=2&_HLS_part=1"]) {
      const { status, body } = await ask(server.url, playlistPath(query));
      expect([status, body.toString()]).toEqual([200, (await ask(server.url, playlistPath())).body.toString()]);
    }
  });

  test("is answered with the end when that comes first, and after it everything is", async () => {
    const answer = held(playlistPath("?_HLS_msn=3"));
    await eventually("it waits", () => waiting() === 1);
    presentation.finish();
    expect((await answer).text).toMatch(/#EXT-X-ENDLIST\n$/);
    for (const query of ["?_HLS_msn=99", "?_HLS_part=1", "?_HLS_msn=x&_HLS_skip=YES"]) {
      const { status, body } = await ask(server.url, playlistPath(query));
      expect([status, body.toString()]).toEqual([200, (await answer).text]);
    }
  });

  test.each([
    { name: "a part of no segment", query: "?_HLS_part=1" },
    { name: "what is no number", query: "?_HLS_msn=two" },
    { name: "less than nothing", query: "?_HLS_msn=-1" },
    { name: "three segments ahead", query: "?_HLS_msn=4" },
    { name: "more parts ahead than the limit", query: "?_HLS_msn=2&_HLS_part=16" },
  ])("for $name is refused at once", async ({ query }) => {
    const { status, headers } = await ask(server.url, playlistPath(query));
    expect([status, headers["cache-control"]]).toEqual([400, "no-store"]);
    expect(waiting()).toBe(0);
  });

  test("all who wait for the same get the same text", async () => {
    const answers = Array.from({ length: 20 }, () => held(playlistPath("?_HLS_msn=2&_HLS_part=2")));
    await eventually("all wait", () => waiting() === 20);
    feedTo(6.4, 6.6);
    const texts = (await Promise.all(answers)).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
  });
});

test("a reload that nothing comes for is given up after three target durations", async () => {
  const short = presentWith(
    { video0: [picture, between(picture, 2, 4.5)] },
    { tracks: ["video"], longestSegmentSeconds: 0.1 },
  );
  await using shortServer = await serveLive(short);
  const began = performance.now();
  const path = `${shortServer.folder("video0")}/playlist.m3u8?_HLS_msn=2`;
  const { status, headers } = await ask(shortServer.url, path);
  expect([status, headers["cache-control"]]).toEqual([503, "no-store"]);
  expect(performance.now() - began).toBeGreaterThan(2_900);
  expect(trackOf(short, "video0").moved.waiting).toBe(0);
});

describe("a hinted part", () => {
  const hinted = async () => {
    const { body } = await ask(server.url, playlistPath());
    return `${server.folder("video0")}/${/PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(body.toString())?.[1]}`;
  };

  test("is waited for, and sent whole", async () => {
    const path = await hinted();
    const answer = ask(server.url, path);
    await eventually("it is waited for", () => waiting() === 1);
    feedTo(6.4, 6.6);
    const { status, headers, body } = await answer;
    expect([status, headers["content-type"]]).toEqual([200, "video/mp4"]);
    expect(headers["cache-control"]).toContain("immutable");
    expect(body.equals(trackOf(presentation, "video0").window.part(0, 22)?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  test("is the next also when that begins another segment", async () => {
    feedTo(6.4, 8);
    const path = await hinted();
    expect(path).toContain("0/part30.m4s");
    const answer = ask(server.url, path);
    await eventually("it is waited for", () => waiting() === 1);
    feedTo(8, 8.2);
    expect((await answer).status).toBe(200);
    expect((await ask(server.url, playlistPath())).body.toString()).toContain("0/2.m4s\n");
  });

  test("is 404 once another run of the encoder or the end has taken its place", async () => {
    feedTo(6.4, 8);
    const answer = ask(server.url, await hinted());
    await eventually("it is waited for", () => waiting() === 1);
    const other = makePicture({ seconds: 2, from: 8, size: "80x46" });
    presentation.startRun(run({ tracks: ["video"] }));
    beginTrack(presentation, "video0", other);
    feed(presentation, { video0: [other, between(other, 8, 8.3)] });
    expect((await answer).status).toBe(404);
    const atEnd = ask(server.url, await hinted());
    await eventually("it is waited for", () => waiting() === 1);
    presentation.finish();
    // What the last part has become.
    expect((await atEnd).status).toBe(200);
    expect((await ask(server.url, `${server.folder("video0")}/1/part99.m4s`)).status).toBe(404);
  });

  test("is the only one that is waited for", async () => {
    for (const file of ["0/part23.m4s", "1/part22.m4s"]) {
      expect((await ask(server.url, `${server.folder("video0")}/${file}`)).status).toBe(404);
    }
    expect(waiting()).toBe(0);
  });
});

test("playlists are compressed for those who take it, and caches are told", async () => {
  const plain = await ask(server.url, playlistPath());
  const gzipped = await ask(server.url, playlistPath(), { headers: { "accept-encoding": "gzip, br" } });
  expect(gzipped.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(gzipped.body).equals(plain.body)).toBe(true);
  for (const { headers } of [plain, gzipped]) expect(headers.vary).toBe("accept-encoding");
});

test("a thousand viewers who leave at once leave nothing behind", async () => {
  const crowd = (count: number) => {
    const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
    const requests = Array.from({ length: count }, () => {
      const request = get(`${server.url}${playlistPath("?_HLS_msn=3")}`, { agent });
      request.on("error", () => {});
      return request;
    });
    return () => {
      for (const request of requests) request.destroy();
      agent.destroy();
    };
  };
  const comeAndGo = async (count: number) => {
    const leave = crowd(count);
    await eventually("all wait", () => waiting() === count);
    leave();
    await eventually("nobody waits", () => waiting() === 0);
  };
  await comeAndGo(1_000);
  const before = heldBytes();
  await comeAndGo(1_000);
  await eventually("memory is given back", () => heldBytes() - before < 1024 * 1024);
  expect((await ask(server.url, playlistPath())).status).toBe(200);
});

test("a picture that is not made any more has no playlist, also for who waits for its next part", async () => {
  const two = present({ tracks: ["video", "video"] });
  for (const name of ["video0", "video1"]) beginTrack(two, name, picture);
  feed(two, { video0: [picture, between(picture, 2, 6.4)], video1: [picture, between(picture, 2, 6.4)] });
  await using other = await serveLive(two);
  const path = `${other.folder("video1")}/playlist.m3u8`;
  expect((await ask(other.url, path)).status).toBe(200);
  const answer = ask(other.url, `${path}?_HLS_msn=2&_HLS_part=2`);
  await eventually("it waits", () => trackOf(two, "video1").moved.waiting === 1);
  two.startRun(run({ tracks: ["video"] }));
  expect((await answer).status).toBe(404);
  expect((await ask(other.url, path)).status).toBe(404);
  expect((await ask(other.url, `${other.folder("video1")}/0/1.m4s`)).status).toBe(200);
  expect((await ask(other.url, `${other.folder("video0")}/playlist.m3u8`)).status).toBe(200);
});
