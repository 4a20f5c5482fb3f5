import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { problem } from "../../../server/protocol/api.ts";
import { digest, noise, piecesOf } from "../../helpers/bytes.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type IngestServer, ingestServer } from "../../helpers/ingest-server.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { SocketPublisher } from "../../helpers/publish.ts";
import { tinyCluster, tinyHeader, tinyWebm } from "../../helpers/tiny-webm.ts";

const stream = tinyWebm();
const MAX_MESSAGE = 64 * 1024 * 1024;

/** The archive of the n-th broadcast that began. */
function archive(on: IngestServer, index = 0): Promise<Buffer> {
  return readFile(on.pathOf(on.begun[index]?.id ?? "", "source"));
}

/** How an upgrade is refused. */
async function refused(on: IngestServer, channel: string, protocols: string[] = []) {
  const socket = new WebSocket(`${on.url.replace("http", "ws")}/publish/${channel}`, protocols);
  socket.on("error", () => {});
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  const body: Buffer[] = [];
  for await (const piece of response) body.push(piece);
  return { status: response.statusCode, body: problem.parse(JSON.parse(Buffer.concat(body).toString())) };
}

describe("a publisher", () => {
  test.each(["chromium-vp9.webm", "chromium-h264.mp4"] as const)(
    "of %s leaves an archive of what it sent, in messages of any size",
    async (name) => {
      await using on = await ingestServer();
      const bytes = fixture(name);
      for (const [index, largest] of [2_000, 100_000].entries()) {
        const publisher = await SocketPublisher.connect(on.url, "channel");
        for (const piece of piecesOf(bytes, largest, index + 1)) publisher.socket.send(piece);
        expect(await publisher.end()).toMatchObject({ code: 1000, texts: [] });
        await eventually("it has ended", () => on.begun.length === index + 1 && on.registry.live.length === 0);
        expect((await archive(on, index)).equals(bytes)).toBe(true);
      }
    },
  );

  test("may have a name of 128 letters", async () => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "x".repeat(128));
    await publisher.send(stream);
    await publisher.end();
    await eventually("it has ended", () => on.begun.length === 1 && on.registry.live.length === 0);
    expect((await archive(on)).equals(stream)).toBe(true);
  });

  test("that closes has finished, one that vanishes was disconnected, and both are archived", async () => {
    await using on = await ingestServer();
    const clean = await SocketPublisher.connect(on.url, "clean");
    const gone = await SocketPublisher.connect(on.url, "gone");
    await clean.send(stream);
    await gone.send(stream);
    await eventually("both are live", () => on.begun.length === 2);
    clean.socket.close(1000);
    gone.socket.terminate();
    const ends = new Map(await Promise.all(on.begun.map(async (each) => [each.channel, await each.ended] as const)));
    expect(ends.get("clean")).toEqual({ reason: "finished" });
    expect(ends.get("gone")).toEqual({ reason: "disconnected" });
    expect((await archive(on, 0)).equals(stream)).toBe(true);
    expect((await archive(on, 1)).equals(stream)).toBe(true);
    expect(on.registry.live).toEqual([]);
  });

  test("whose page is left has finished", async () => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "channel");
    await publisher.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    publisher.socket.close(1001);
    expect(await on.begun[0]?.ended).toEqual({ reason: "finished" });
  });

  test("that is followed by others on the same channel needs no restart in between", async () => {
    await using on = await ingestServer();
    for (let round = 0; round < 5; round++) {
      const publisher = await SocketPublisher.connect(on.url, "channel");
      await publisher.send(stream);
      await publisher.end();
      await eventually("it has ended", () => on.begun.length === round + 1 && on.registry.live.length === 0);
      expect((await archive(on, round)).equals(stream)).toBe(true);
    }
  });

  test("is told when the server ends its broadcast", async () => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "channel");
    await publisher.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    await on.registry[Symbol.asyncDispose]();
    expect(await publisher.ended).toMatchObject({ code: 1001, reason: "the server is stopping" });
    expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
  });
});

describe("limits", () => {
  test("a publisher that sends nothing any more is let go with a reason, and what it sent is a whole broadcast", async () => {
    await using on = await ingestServer({}, { idleMs: 200 });
    const publisher = await SocketPublisher.connect(on.url, "channel");
    await publisher.send(stream);
    const words = "nothing was sent for 0.2 s (MILLRACE_IDLE_SECONDS)";
    expect(await publisher.ended).toMatchObject({ code: 1008, reason: words, texts: [`ERROR: ${words}`] });
    expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
    expect((await archive(on)).equals(stream)).toBe(true);
    await on.registry.check("channel");
  });

  test("a publisher that is silent for less than that again and again is not let go", async () => {
    await using on = await ingestServer({}, { idleMs: 1_000 });
    const publisher = await SocketPublisher.connect(on.url, "channel");
    await publisher.send(stream);
    for (let turn = 0; turn < 8; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await publisher.send(tinyCluster(turn + 4));
    }
    expect(await publisher.end()).toMatchObject({ code: 1000, texts: [] });
  });

  test("a publisher that the operator stops is told so", async () => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "channel");
    await publisher.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    expect(await on.registry.stop(on.begun[0]?.id ?? "", "stopped by the operator")).toBe(true);
    expect(await publisher.ended).toMatchObject({ code: 1008, texts: ["ERROR: stopped by the operator"] });
    expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
    await on.registry.check("channel");
  });

  test("a publisher that is faster than allowed is made to wait, and is archived whole", async () => {
    await using on = await ingestServer({ maxKbps: 800 });
    const publisher = await SocketPublisher.connect(on.url, "channel");
    // Ten seconds' worth may come at once; the rest, as much as comes in two seconds.
    const media = noise(1_200_000);
    const began = performance.now();
    publisher.socket.send(stream);
    for (const piece of piecesOf(media, 20_000)) publisher.socket.send(piece);
    expect(await publisher.end()).toMatchObject({ code: 1000, texts: [] });
    // What has arrived when the socket closes is not held up any more.
    expect(performance.now() - began).toBeGreaterThan(1_000);
    await eventually("it has ended", () => on.registry.live.length === 0);
    expect(digest(await archive(on))).toBe(digest(Buffer.concat([stream, media])));
  });
});

describe("before the upgrade", () => {
  test.each([
    { name: "a bad name", channel: "a.b", status: 400 },
    { name: "the reserved name", channel: "live", status: 400 },
    { name: "a name too long", channel: "x".repeat(129), status: 400 },
    { name: "a name far too long", channel: "x".repeat(2000), status: 414 },
    { name: "an address that cannot be decoded", channel: "%zz", status: 400 },
  ])("$name is $status", async ({ channel, status }) => {
    await using on = await ingestServer();
    expect(await refused(on, channel)).toMatchObject({ status, body: { status } });
  });

  test("a subprotocol that is not offered is 400", async () => {
    await using on = await ingestServer();
    const { status, body } = await refused(on, "channel", ["millrace.publish.v9"]);
    expect([status, body.detail]).toEqual([400, "the subprotocol millrace.publish.v9 is not offered here"]);
  });

  test("a plain request is told that this is for WebSockets, and what else there is", async () => {
    await using on = await ingestServer();
    const answer = await fetch(`${on.url}/publish/channel`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(problem.parse(await answer.json()).detail).toMatch(/WebSockets.*POST or PUT/);
    expect(on.begun).toEqual([]);
  });

  test("a second publisher is 409, and the first goes on undisturbed", async () => {
    await using on = await ingestServer();
    const first = await SocketPublisher.connect(on.url, "channel");
    await first.send(stream);
    await eventually("the first is live", () => on.begun.length === 1);
    expect(await refused(on, "channel")).toMatchObject({ status: 409 });
    await first.send(tinyCluster(4));
    expect(await first.end()).toMatchObject({ code: 1000, texts: [] });
    await on.begun[0]?.ended;
    expect((await archive(on)).equals(tinyWebm(4))).toBe(true);
  });
});

describe("after the upgrade", () => {
  const cases = [
    { name: "garbage", bytes: Buffer.from("hello, world"), words: /^ERROR: neither WebM, Matroska, MP4 nor FLV/ },
    {
      name: "a cluster without tracks",
      bytes: Buffer.concat([tinyHeader().subarray(0, 40), tinyCluster(1)]),
      words: /^ERROR: /,
    },
  ];
  test.each(cases)("$name is told in one text message, then the socket closes", async ({ bytes, words }) => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "channel");
    publisher.socket.send(bytes);
    const { code, texts, reason } = await publisher.ended;
    expect(code).toBe(1008);
    expect(texts).toEqual([expect.stringMatching(words)]);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(await readdir(on.folder)).toEqual([]);
    await eventually("the channel is free", async () => {
      const next = await SocketPublisher.connect(on.url, "channel").catch(() => undefined);
      next?.socket.terminate();
      return next !== undefined;
    });
  });

  test("a text message ends the broadcast with an error, and what came before is kept", async () => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "channel");
    publisher.socket.send(stream);
    publisher.socket.send("hello");
    publisher.socket.send(tinyCluster(4));
    const { code, texts } = await publisher.ended;
    expect(code).toBe(1003);
    expect(texts).toEqual([expect.stringMatching(/^ERROR: text is not expected here/)]);
    expect(await on.begun[0]?.ended).toMatchObject({ reason: "failed" });
    expect((await archive(on)).equals(stream)).toBe(true);
  });

  test("nothing at all leaves nothing", async () => {
    await using on = await ingestServer();
    const publisher = await SocketPublisher.connect(on.url, "channel");
    await publisher.end();
    await on.registry.check("channel");
    expect(await readdir(on.folder)).toEqual([]);
  });

  test("a message of 64 MiB is taken, one of a byte more is closed with 1009, and others go on", async () => {
    await using on = await ingestServer();
    const large = await SocketPublisher.connect(on.url, "large");
    const tooLarge = await SocketPublisher.connect(on.url, "too-large");
    const other = await SocketPublisher.connect(on.url, "other");
    for (const publisher of [large, tooLarge, other]) publisher.socket.send(stream);
    await eventually("all are live", () => on.begun.length === 3);

    const message = Buffer.alloc(MAX_MESSAGE, 0x42);
    large.socket.send(message);
    tooLarge.socket.send(Buffer.alloc(MAX_MESSAGE + 1));
    expect((await tooLarge.ended).code).toBe(1009);
    other.socket.send(tinyCluster(4));
    await Promise.all([other.end(), large.end()]);
    await Promise.all(on.begun.map((broadcast) => broadcast.ended));

    const of = (channel: string) => on.begun.findIndex((broadcast) => broadcast.channel === channel);
    expect(digest(await archive(on, of("large")))).toBe(digest(Buffer.concat([stream, message])));
    expect((await archive(on, of("too-large"))).equals(stream)).toBe(true);
    expect((await archive(on, of("other"))).equals(tinyWebm(4))).toBe(true);
  });
});
