import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { PostListener } from "../../../server/packaging/post-listener.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { Previews } from "../../../server/packaging/previews.ts";
import { piecesOf } from "../../helpers/bytes.ts";
import { makePicture, makeSound } from "../../helpers/cmaf.ts";
import { eventually } from "../../helpers/eventually.ts";
import { makeImages } from "../../helpers/images.ts";
import { oneForEach } from "../../helpers/lifetime.ts";
import { present, rowsOf, trackOf } from "../../helpers/presentation.ts";

const picture = makePicture({ seconds: 3 });
const sound = makeSound({ seconds: 3 });

const listener = oneForEach(PostListener.start);

/** A run of a presentation's tracks, and what the listener reported about it. */
function expectRun(presentation: Presentation, posts = 2) {
  const problems: string[] = [];
  const report = (problem: string, { track }: Record<string, unknown>) => problems.push(`${track}: ${problem}`);
  return { ...listener().expect({ presentation, posts, report }), problems };
}

/** Begins a POST as FFmpeg does: one that lasts as long as the broadcast. */
function open(url: string, method = "POST"): ClientRequest {
  const post = request(url, { method, agent: false });
  post.on("error", () => {});
  post.flushHeaders();
  return post;
}

async function answered(post: ClientRequest): Promise<number | undefined> {
  const [response] = (await once(post, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test("two POSTs in pieces of any size become the tracks", async () => {
  const presentation = present();
  const run = expectRun(presentation);
  const posts = { video0: open(run.urlOf("video0")), audio0: open(run.urlOf("audio0")) };
  const pieces = { video0: piecesOf(picture.bytes, 9_000), audio0: piecesOf(sound.bytes, 500) };
  for (const name of ["video0", "audio0"] as const) {
    for (const piece of pieces[name]) posts[name].write(piece);
    posts[name].end();
  }
  expect(await Promise.all([answered(posts.video0), answered(posts.audio0)])).toEqual([200, 200]);
  await run.end();
  presentation.finish();
  expect(run.problems).toEqual([]);
  expect(rowsOf(presentation, "video0").map(({ seconds }) => seconds)).toEqual([2, 1]);
  expect(rowsOf(presentation, "audio0")).toHaveLength(2);
});

test("a chunk is there for viewers while the POST goes on", async () => {
  const presentation = present({ tracks: ["video"], partSeconds: 0.01 });
  const run = expectRun(presentation, 1);
  const post = open(run.urlOf("video0"));
  post.write(picture.bytes.subarray(0, 20_000));
  await eventually("the first frames are there", () => (presentation.end ?? 0) > 2);
  post.end();
  await run.end();
});

describe("answers 404", () => {
  test("to an address without the run's secret", async () => {
    const run = expectRun(present());
    const { origin } = new URL(run.urlOf("video0"));
    for (const path of ["/video0", `/${"0".repeat(32)}/video0`, "/", "//video0"]) {
      const post = open(`${origin}${path}`);
      post.end("x");
      expect([path, await answered(post)]).toEqual([path, 404]);
    }
  });

  test("to a track that is not of the run, and to any other method", async () => {
    const run = expectRun(present());
    const unknown = open(run.urlOf("video9"));
    unknown.end("x");
    expect(await answered(unknown)).toBe(404);
    const wrong = open(run.urlOf("video0"), "PUT");
    wrong.end("x");
    expect(await answered(wrong)).toBe(404);
  });

  test("when the run is over", async () => {
    const presentation = present({ tracks: ["video"] });
    const run = expectRun(presentation, 1);
    const first = open(run.urlOf("video0"));
    first.end(picture.bytes);
    await run.end();
    const late = open(run.urlOf("video0"));
    late.end(picture.bytes);
    expect(await answered(late)).toBe(404);
  });
});

test("addresses are secret, and differ from run to run", () => {
  const urls = [expectRun(present()).urlOf("video0"), expectRun(present()).urlOf("video0")];
  expect(urls[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/video0$/);
  expect(urls[0]).not.toBe(urls[1]);
});

const broken = [
  { name: "are no boxes", bytes: Buffer.alloc(100_000, 0xff) },
  { name: "are a box above the limit", bytes: Buffer.from("7fffffff6d646174", "hex") },
  {
    name: "begin with a chunk",
    bytes: Buffer.concat([picture.chunks[0]?.moof ?? "", picture.chunks[0]?.mdat ?? ""] as Buffer[]),
  },
  { name: "are sound where a picture is expected", bytes: sound.bytes },
];

describe("bytes that", () => {
  test.each(broken)("$name are reported once, read to their end and answered", async ({ bytes }) => {
    const presentation = present({ tracks: ["video"] });
    const run = expectRun(presentation, 1);
    const post = open(run.urlOf("video0"));
    post.write(bytes);
    for (let sent = 0; sent < 20; sent++) post.write(Buffer.alloc(256 * 1024));
    post.end();
    expect(await answered(post)).toBe(200);
    await run.end();
    expect(run.problems).toEqual(["video0: the encoder sent something that cannot be used"]);
    expect(presentation.tracks).toEqual([]);
  });
});

test("one broken track leaves the other alone", async () => {
  const presentation = present();
  const run = expectRun(presentation);
  const bad = open(run.urlOf("audio0"));
  const good = open(run.urlOf("video0"));
  bad.end(Buffer.alloc(1_000, 0xff));
  good.end(picture.bytes);
  await Promise.all([answered(bad), answered(good)]);
  await run.end();
  presentation.finish();
  expect(rowsOf(presentation, "video0")).toHaveLength(2);
});

describe("the end of a run", () => {
  test("waits until every POST has been read to its end", async () => {
    const presentation = present({ tracks: ["video"] });
    const run = expectRun(presentation, 1);
    const post = open(run.urlOf("video0"));
    post.write(picture.bytes.subarray(0, 10_000));
    await eventually("it has begun", () => trackOf(presentation, "video0").init !== undefined);
    let over = false;
    const end = run.end().then(() => {
      over = true;
    });
    post.write(picture.bytes.subarray(10_000, 20_000));
    await eventually("more has been read", () => (presentation.end ?? 0) > 2);
    expect(over).toBe(false);
    post.end(picture.bytes.subarray(20_000));
    await end;
    presentation.finish();
    expect(rowsOf(presentation, "video0")).toHaveLength(2);
  });

  test("comes when an encoder is killed in the middle of a chunk", async () => {
    const presentation = present({ tracks: ["video"] });
    const run = expectRun(presentation, 1);
    const post = open(run.urlOf("video0"));
    post.write(picture.bytes.subarray(0, 30_000));
    await eventually("frames are there", () => (presentation.end ?? 0) > 2);
    post.destroy();
    await run.end();
    presentation.finish();
    expect(rowsOf(presentation, "video0")).toHaveLength(1);
  });

  test("comes soon when an encoder never sent anything", async () => {
    const began = performance.now();
    await expectRun(present()).end();
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe("preview images", () => {
  const [jpeg = Buffer.alloc(0)] = makeImages("jpeg", 1);
  const [png = Buffer.alloc(0)] = makeImages("png", 1);

  function expectPreviews() {
    const previews = new Previews({ everySeconds: 1 });
    const problems: string[] = [];
    const run = listener().expect({
      presentation: present(),
      posts: 0,
      report: (text) => problems.push(text),
      previews,
    });
    const send = (zero: number, ticks: string, body: Uint8Array) => {
      const post = open(run.previewUrl(zero).replace("%d", ticks));
      post.end(body);
      return post;
    };
    return { run, previews, problems, send };
  }

  test("come in a POST each, at the time that its address tells", async () => {
    const { run, previews, send } = expectPreviews();
    expect(await answered(send(12.5, "210", jpeg))).toBe(200);
    expect(previews.newest).toMatchObject({ number: 0, seconds: 14.6 });
    expect(await answered(send(100.25, "-1", jpeg))).toBe(200);
    expect(previews.newest).toMatchObject({ number: 1, seconds: 100.24 });
    await run.end();
  });

  test("that are cut off, no JPEG, too large or nowhere in time are left out, and told of", async () => {
    const { run, previews, problems, send } = expectPreviews();
    const whole = Buffer.concat([jpeg, Buffer.alloc(4 * 1024 * 1024)]);
    for (const body of [jpeg.subarray(0, -2), png, Buffer.alloc(0), whole]) {
      expect(await answered(send(0, "1", body))).toBe(200);
    }
    expect(await answered(send(0, "x", jpeg))).toBe(200);
    expect(previews.newest).toBeUndefined();
    expect(problems).toHaveLength(5);
    await run.end();
  });

  test("that were sent when the encoder ended are taken all the same", async () => {
    for (let round = 0; round < 20; round++) {
      const { run, previews, send } = expectPreviews();
      const post = send(0, "0", jpeg);
      await once(post, "finish");
      await run.end();
      expect(previews.newest).toBeDefined();
    }
  });

  test("of a connection that breaks cost nothing", async () => {
    const { run, previews, send } = expectPreviews();
    const post = open(run.previewUrl(0).replace("%d", "0"));
    post.write(jpeg.subarray(0, 20));
    await once(post, "socket");
    post.destroy();
    expect(await answered(send(0, "100", jpeg))).toBe(200);
    await run.end();
    expect(previews.newest).toMatchObject({ number: 0 });
  });
});
