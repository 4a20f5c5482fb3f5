import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { problem } from "../../../server/protocol/api.ts";
import { broadcastId } from "../../../server/protocol/names.ts";
import { digest, noise, piecesOf } from "../../helpers/bytes.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type IngestServer, ingestServer } from "../../helpers/ingest-server.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { tinyCluster, tinyHeader, tinyWebm } from "../../helpers/tiny-webm.ts";

const stream = tinyWebm();

/** Sends pieces as a body of unknown length. */
async function send(on: IngestServer, channel: string, pieces: readonly Uint8Array[], how: RequestInit = {}) {
  const body = Readable.toWeb(Readable.from(pieces));
  const response = await fetch(`${on.url}/publish/${channel}`, {
    method: "POST",
    body,
    duplex: "half",
    ...how,
  } as RequestInit);
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

async function json(response: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString());
}

/** A publisher that has sent the beginning of a body and holds it open. */
function publisher(on: IngestServer, channel: string) {
  const body = request(`${on.url}/publish/${channel}`, { method: "PUT", agent: false });
  body.on("error", () => {});
  body.write(stream);
  return body;
}

test.each(["POST", "PUT"])("%s answers 201 with the broadcast's id when its body has ended", async (method) => {
  await using on = await ingestServer();
  const answer = await send(on, "channel", [stream], { method });
  expect(answer).toMatchObject({ status: 201, body: { channel: "channel" } });
  const { id } = answer.body as { id: string };
  expect(broadcastId.safeParse(id).success).toBe(true);
  expect((await readFile(on.pathOf(id, "source"))).equals(stream)).toBe(true);
  expect(await on.begun[0]?.ended).toEqual({ reason: "finished" });
});

test.each(["chromium-vp9.webm", "chromium-h264.mp4"] as const)(
  "the archive of %s is what was sent, however it was cut",
  async (name) => {
    await using on = await ingestServer();
    const bytes = fixture(name);
    for (const [seed, largest] of [100, 5_000, 100_000].entries()) {
      const { body } = await send(on, "channel", piecesOf(bytes, largest, seed + 1));
      expect((await readFile(on.pathOf((body as { id: string }).id, "source"))).equals(bytes)).toBe(true);
    }
  },
);

test("any content type is taken, and none", async () => {
  await using on = await ingestServer();
  for (const type of [
    "video/webm",
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
  ]) {
    expect(await send(on, "channel", [stream], { headers: { "content-type": type } })).toMatchObject({ status: 201 });
  }
});

test("a body of 40 MiB is archived whole", async () => {
  await using on = await ingestServer();
  const media = noise(1024 * 1024);
  const pieces = [stream, ...Array.from({ length: 40 }, () => media)];
  const { status, body } = await send(on, "channel", pieces);
  expect(status).toBe(201);
  expect((await readFile(on.pathOf((body as { id: string }).id, "source"))).equals(Buffer.concat(pieces))).toBe(true);
});

describe("refuses", () => {
  const cases = [
    { name: "a name with a dot", channel: "a.b", status: 400, words: "letters, digits" },
    { name: "a name that is too long", channel: "x".repeat(129), status: 400, words: "letters, digits" },
    { name: "a name that is far too long", channel: "x".repeat(2000), status: 414, words: "max param length" },
    { name: "an address that cannot be decoded", channel: "%zz", status: 400, words: "not a valid url" },
    { name: "the reserved name", channel: "live", status: 400, words: "reserved" },
    { name: "a path out of its place", channel: "..%2F..%2Fetc", status: 400, words: "letters, digits" },
    {
      name: "garbage",
      channel: "c",
      bytes: Buffer.from("hello, world"),
      status: 415,
      words: "neither WebM, Matroska, MP4 nor FLV",
    },
    { name: "an empty body", channel: "c", bytes: Buffer.alloc(0), status: 415, words: "nothing was sent" },
    {
      name: "a cut header",
      channel: "c",
      bytes: tinyHeader().subarray(0, 60),
      status: 415,
      words: "inside its header, after 60",
    },
  ];
  test.each(cases)("$name with $status and a reason", async ({ channel, bytes = stream, status, words }) => {
    await using on = await ingestServer();
    const answer = await send(on, channel, bytes.byteLength === 0 ? [] : [bytes]);
    expect(answer).toMatchObject({ status, type: expect.stringContaining("application/problem+json") });
    expect(problem.parse(answer.body)).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(await readdir(on.folder)).toEqual([]);
  });

  test("a second publisher with 409, while the first goes on undisturbed", async () => {
    await using on = await ingestServer();
    const first = publisher(on, "channel");
    await eventually("the first is live", () => on.registry.on("channel") !== undefined);
    expect(await send(on, "channel", [stream])).toMatchObject({ status: 409, body: { status: 409 } });
    first.end(tinyCluster(4));
    const [response] = await once(first, "response");
    expect(response.statusCode).toBe(201);
    response.resume();
    expect((await readFile(on.pathOf(on.begun[0]?.id ?? "", "source"))).equals(tinyWebm(4))).toBe(true);
  });

  test("one publisher too many with 503", async () => {
    await using on = await ingestServer({ maxBroadcasts: 1 });
    const first = publisher(on, "first");
    await eventually("the first is live", () => on.registry.on("first") !== undefined);
    expect(await send(on, "second", [stream])).toMatchObject({ status: 503, body: { title: "No room" } });
    first.destroy();
  });

  test("a broadcast that cannot be stored with 503", async () => {
    await using on = await ingestServer({ place: () => Promise.reject(new Error("ENOSPC")) });
    expect(await send(on, "channel", [stream])).toMatchObject({ status: 503 });
  });
});

test("a publisher that vanishes ends its broadcast, and what it sent is kept", async () => {
  await using on = await ingestServer();
  const gone = publisher(on, "channel");
  await eventually("it is live", () => on.registry.on("channel") !== undefined);
  gone.destroy();
  expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
  expect((await readFile(on.pathOf(on.begun[0]?.id ?? "", "source"))).equals(stream)).toBe(true);
  await on.registry.check("channel");
});

test("a publisher that the operator stops is told so at once, though it sends nothing", async () => {
  await using on = await ingestServer();
  const body = publisher(on, "channel");
  await eventually("it is live", () => on.registry.on("channel") !== undefined);
  const answer = once(body, "response");
  expect(await on.registry.stop(on.begun[0]?.id ?? "", "stopped by the operator")).toBe(true);
  const [response] = await answer;
  expect(problem.parse(await json(response))).toMatchObject({ status: 403, detail: "stopped by the operator" });
  expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
  body.destroy();
});

test("a body that stalls is answered with 408, which names the limit, and what came is a whole broadcast", async () => {
  await using on = await ingestServer({}, { idleMs: 200 });
  const body = publisher(on, "channel");
  const [response] = await once(body, "response");
  expect(response.statusCode).toBe(408);
  expect(problem.parse(await json(response)).detail).toBe("nothing was sent for 0.2 s (MILLRACE_IDLE_SECONDS)");
  expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
  expect((await readFile(on.pathOf(on.begun[0]?.id ?? "", "source"))).equals(stream)).toBe(true);
  await on.registry.check("channel");
  body.destroy();
});

test("a body that never begins is answered with 408 and leaves nothing", async () => {
  await using on = await ingestServer({}, { idleMs: 100 });
  const body = request(`${on.url}/publish/channel`, { method: "PUT", agent: false });
  body.on("error", () => {});
  body.flushHeaders();
  const [response] = await once(body, "response");
  response.resume();
  expect(response.statusCode).toBe(408);
  expect(await readdir(on.folder)).toEqual([]);
  await on.registry.check("channel");
  body.destroy();
});

test("a body that is faster than allowed is made to wait, and is archived whole", async () => {
  // Ten seconds' worth may come at once; the rest, as much as comes in a second.
  await using on = await ingestServer({ maxKbps: 800 });
  const media = noise(1_100_000);
  const began = performance.now();
  const { status, body } = await send(on, "channel", [stream, ...piecesOf(media, 60_000)]);
  expect(status).toBe(201);
  expect(performance.now() - began).toBeGreaterThan(900);
  const { id } = body as { id: string };
  expect(digest(await readFile(on.pathOf(id, "source")))).toBe(digest(Buffer.concat([stream, media])));
  expect(on.begun[0]?.notices.map(({ text }) => text)).toContain(
    "The publisher sends faster than the 800 kbit/s (MILLRACE_MAX_KBPS) at which it is taken, and has to wait.",
  );
});

test("a publisher that is made to wait is told at once when it is stopped", async () => {
  await using on = await ingestServer({ maxKbps: 100 });
  const body = publisher(on, "channel");
  // Three minutes' worth.
  body.write(noise(2 * 1024 * 1024));
  const isTold = () => on.begun[0]?.notices.some(({ text }) => text.includes("MILLRACE_MAX_KBPS")) === true;
  await eventually("it has to wait", isTold);
  const answer = once(body, "response");
  await on.registry.stop(on.begun[0]?.id ?? "", "stopped by the operator");
  const [response] = await answer;
  response.resume();
  expect(response.statusCode).toBe(403);
  body.destroy();
});

test("a server that stops ends the broadcast with an answer", async () => {
  await using on = await ingestServer();
  const body = publisher(on, "channel");
  await eventually("it is live", () => on.registry.on("channel") !== undefined);
  const answer = once(body, "response");
  await on.registry[Symbol.asyncDispose]();
  const [response] = await answer;
  response.resume();
  expect(response.statusCode).toBe(503);
  expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
  body.destroy();
});
