import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ResumablePublisher, rawConnection } from "../../../scripts/publish/resumable-publisher.ts";
import type { LogStore } from "../../../server/broadcast/log/log-store.ts";
import { digest, noise, piecesOf } from "../../helpers/bytes.ts";
import { eventually, settle } from "../../helpers/eventually.ts";
import { type IngestServer, ingestServer } from "../../helpers/ingest-server.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { tinyCluster, tinyHeader, tinyWebm } from "../../helpers/tiny-webm.ts";

const MIB = 1024 * 1024;
const stream = tinyWebm();

function archive(on: IngestServer, broadcast: string): Promise<Buffer> {
  return readFile(on.pathOf(broadcast, "source"));
}

describe("a resumable publisher", () => {
  test.each(["chromium-vp9.webm", "chromium-h264.mp4"] as const)("of %s is acknowledged and archived", async (name) => {
    await using on = await ingestServer();
    const bytes = fixture(name);
    const publisher = new ResumablePublisher(on.url, "channel");
    for (const piece of piecesOf(bytes, 20_000)) publisher.send(piece);
    await publisher.allAcknowledged();
    expect((await archive(on, publisher.broadcast)).equals(bytes)).toBe(true);
    expect(await publisher.end()).toMatchObject({ code: 1000 });
    expect(await on.begun[0]?.ended).toEqual({ reason: "finished" });
    expect(publisher.offsets).toEqual([0]);
  });

  test("goes on at the exact byte, however it cuts its bytes and wherever its connection breaks", async () => {
    await using on = await ingestServer();
    const bytes = fixture("chromium-vp9.webm");
    const step = fc.record({
      bytes: fc.integer({ min: 1, max: 40_000 }),
      next: fc.constantFrom("go on", "go on", "wait for all", "reset", "clean"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const publisher = new ResumablePublisher(on.url, "channel");
        let at = 0;
        for (const { bytes: length, next } of steps) {
          publisher.send(bytes.subarray(at, at + length));
          at = Math.min(bytes.byteLength, at + length);
          if (next === "wait for all" && at > 10_000) await publisher.allAcknowledged();
          if (next === "reset" || next === "clean") publisher.drop(next);
        }
        publisher.send(bytes.subarray(at));
        expect(await publisher.end()).toMatchObject({ code: 1000 });
        expect(digest(await archive(on, publisher.broadcast))).toBe(digest(bytes));
      }),
      { numRuns: 40 },
    );
    for (const broadcast of on.begun) expect(await broadcast.ended).toEqual({ reason: "finished" });
  });

  test.each([
    ["within the first bytes", 2],
    ["within the header", 60],
    ["between header and media", tinyHeader().byteLength],
    ["within the first cluster", tinyHeader().byteLength + 9],
    ["within a frame", stream.byteLength - 5],
    ["when all has been sent", stream.byteLength],
  ])("that loses its connection %s leaves one whole archive", async (_, cut) => {
    await using on = await ingestServer();
    const publisher = new ResumablePublisher(on.url, "channel");
    publisher.send(stream.subarray(0, cut));
    await eventually("it has arrived", () => publisher.isReady && publisher.socket?.bufferedAmount === 0);
    publisher.drop();
    await eventually("it is back", () => publisher.connections === 2);
    publisher.send(stream.subarray(cut));
    await publisher.end();
    expect((await archive(on, publisher.broadcast)).equals(stream)).toBe(true);
    expect(on.begun).toHaveLength(1);
  });

  test("is told how far to go back, and what its watchers are told is said in words", async () => {
    await using on = await ingestServer();
    const publisher = new ResumablePublisher(on.url, "channel");
    publisher.send(stream);
    await publisher.allAcknowledged();
    const [broadcast] = on.begun;
    expect(broadcast?.interruptedMs).toBeUndefined();
    const first = publisher.socket;
    publisher.url = "http://127.0.0.1:9";
    first?.terminate();
    await eventually("it is missed", () => broadcast?.interruptedMs !== undefined);
    expect(on.registry.live).toEqual([broadcast]);
    publisher.url = on.url;
    await eventually("it is back", () => publisher.connections === 2);
    expect(publisher.offsets).toEqual([0, stream.byteLength]);
    expect(broadcast?.interruptedMs).toBeUndefined();
    expect(broadcast?.notices.map(({ text }) => text)).toEqual([
      "The connection to the publisher was lost; the broadcast waits 30 s for its publisher.",
      expect.stringMatching(/^The publisher is back after \d+\.\d s\.$/),
    ]);
    await publisher.end();
  });

  test("is acknowledged at least every 250 ms while bytes arrive", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    await connection.ready();
    const heardMs: number[] = [];
    connection.socket.on("message", () => heardMs.push(performance.now()));
    const began = performance.now();
    let sent = 0;
    for (const piece of [stream, ...Array.from({ length: 40 }, (_, index) => tinyCluster(index + 4))]) {
      connection.socket.send(piece);
      sent += piece.byteLength;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await eventually("the last is acknowledged", () =>
      connection.heard.some((each) => each.type === "ack" && each.offset === sent),
    );
    // A machine that is busy with other things may be late now and then; most intervals tell.
    const intervals = heardMs.map((ms, index) => ms - (heardMs[index - 1] ?? began)).toSorted((a, b) => a - b);
    expect(intervals.length).toBeGreaterThan(3);
    expect(intervals[Math.floor(intervals.length / 2)]).toBeLessThan(250);
    connection.socket.terminate();
  });
});

describe("limits", () => {
  test("a connection on which nothing comes is dropped with a reason, and its broadcast waits", async () => {
    await using on = await ingestServer({}, { idleMs: 200 });
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.send(stream);
    const { code, reason } = await connection.ended;
    expect([code, reason]).toEqual([1013, "nothing was sent for 0.2 s (MILLRACE_IDLE_SECONDS)"]);
    await eventually("it is missed", () => on.begun[0]?.interruptedMs !== undefined);
    const known = { broadcast, token: resume, from: stream.byteLength };
    const publisher = ResumablePublisher.resuming(on.url, "channel", known);
    publisher.send(tinyCluster(4));
    await publisher.end();
    expect((await archive(on, broadcast)).equals(tinyWebm(4))).toBe(true);
  });

  test("a publisher that is faster than allowed is made to wait, and loses nothing by it", async () => {
    await using on = await ingestServer({ maxKbps: 800 });
    const publisher = new ResumablePublisher(on.url, "channel");
    const media = noise(1_100_000);
    const began = performance.now();
    publisher.send(stream);
    for (const piece of piecesOf(media, 60_000)) publisher.send(piece);
    expect(await publisher.end()).toMatchObject({ code: 1000 });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(publisher.connections).toBe(1);
    expect(digest(await archive(on, publisher.broadcast))).toBe(digest(Buffer.concat([stream, media])));
  });

  test("a publisher that is made to wait for minutes can connect anew at once", async () => {
    await using on = await ingestServer({ maxKbps: 100 });
    const publisher = new ResumablePublisher(on.url, "channel");
    publisher.send(stream);
    publisher.send(noise(2 * MIB));
    await publisher.allAcknowledged();
    const connection = await rawConnection(
      on.url,
      "channel",
      `?broadcast=${publisher.broadcast}&resume=${publisher.token}`,
    );
    publisher.stopTrying();
    expect((await connection.ready()).offset).toBe(stream.byteLength + 2 * MIB);
    expect(await publisher.ended).toMatchObject({ code: 4409 });
    connection.socket.terminate();
  });
});

describe("a new container", () => {
  test("in the same broadcast begins an epoch, however the last one was cut off", async () => {
    await using on = await ingestServer();
    const publisher = new ResumablePublisher(on.url, "channel");
    const pieces = [stream.subarray(0, -7), fixture("chromium-h264.mp4"), tinyWebm(2).subarray(0, 100), tinyWebm(4)];
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) publisher.restart("video/webm");
      publisher.send(piece);
      if (index === 1) publisher.drop();
    }
    await publisher.end();
    expect((await archive(on, publisher.broadcast)).equals(Buffer.concat(pieces))).toBe(true);
    const starts = pieces.map((_, index) => pieces.slice(0, index).reduce((sum, piece) => sum + piece.byteLength, 0));
    const epochs = on.begun[0]?.epochs ?? [];
    // The third was given up before its header was complete.
    expect(epochs.map(({ kind, init }) => [kind, init.offset])).toEqual([
      ["webm", 0],
      ["mp4", starts[1]],
      ["webm", starts[3]],
    ]);
    expect(epochs.map(({ end }) => end)).toEqual([starts[1], starts[2], undefined]);
  });

  test("that is none is refused; the broadcast goes on with a better one", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.send(stream);
    connection.socket.send('{"type":"restart","mimeType":"video/webm"}');
    connection.socket.send("This is no container.".repeat(3), { binary: true });
    expect((await connection.ended).code).toBe(4415);
    const query = `?broadcast=${broadcast}&resume=${resume}`;
    const again = await rawConnection(on.url, "channel", query);
    const { offset } = await again.ready();
    expect(offset).toBe(stream.byteLength + 63);
    again.socket.send('{"type":"restart","mimeType":"video/webm;codecs=vp8"}');
    again.socket.send(stream);
    again.socket.send('{"type":"end"}');
    expect((await again.ended).code).toBe(1000);
    expect(on.begun[0]?.epochs).toHaveLength(2);
  });

  test("may be announced before the first has begun", async () => {
    await using on = await ingestServer();
    const publisher = new ResumablePublisher(on.url, "channel");
    publisher.send(stream.subarray(0, 50));
    publisher.restart("video/mp4");
    publisher.send(fixture("chromium-h264.mp4"));
    await publisher.end();
    expect(on.begun[0]?.epochs.map(({ kind, init }) => [kind, init.offset])).toEqual([["mp4", 50]]);
  });
});

describe("what is refused", () => {
  const nonsense: [what: string, message: string | Buffer, code: number][] = [
    ["text that is no JSON", "hello", 4400],
    ["JSON that is no message", '{"type":"ready"}', 4400],
    ["a restart without a type", '{"type":"restart"}', 4400],
    ["a restart into something else", '{"type":"restart","mimeType":"text/html"}', 4415],
    ["a list", "[]", 4400],
    ["huge text", "x".repeat(5_000_000), 4400],
    ["text that is no UTF-8", Buffer.from([0xff, 0xfe]), 1007],
    ["bytes that are no container", Buffer.alloc(5_000, "garbage"), 4415],
    ["an end of nothing", '{"type":"end"}', 4415],
  ];
  test.each(nonsense)("%s closes its own connection and no other", async (what, message, code) => {
    await using on = await ingestServer();
    const other = new ResumablePublisher(on.url, "other");
    other.send(stream);
    const connection = await rawConnection(on.url, "channel");
    await connection.ready();
    connection.socket.send(message, { binary: what.startsWith("bytes") });
    const end = await connection.ended;
    expect([what, end.code]).toEqual([what, code]);
    expect(Buffer.byteLength(end.reason)).toBeLessThanOrEqual(123);
    expect((await other.end()).code).toBe(1000);
    expect((await archive(on, other.broadcast)).equals(stream)).toBe(true);
    // Nothing has begun, so nothing is held.
    await eventually("the channel is free", () =>
      on.registry.check("channel").then(
        () => true,
        () => false,
      ),
    );
  });

  test("nonsense in the middle of a broadcast ends the connection, and the broadcast can be gone on with", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.send(stream);
    connection.socket.send("nonsense");
    connection.socket.send(tinyCluster(77));
    expect((await connection.ended).code).toBe(4400);
    const again = await rawConnection(on.url, "channel", `?broadcast=${broadcast}&resume=${resume}`);
    expect((await again.ready()).offset).toBe(stream.byteLength);
    again.socket.send('{"type":"end"}');
    expect((await again.ended).code).toBe(1000);
    expect((await archive(on, broadcast)).equals(stream)).toBe(true);
  });

  test("bytes before `ready`", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await using on = await ingestServer({}, { beforeAttach: () => held });
    const connection = await rawConnection(on.url, "channel");
    connection.socket.send(stream);
    expect(await connection.ended).toEqual({
      code: 4400,
      reason: "wait for the message `ready` before sending anything",
    });
    letGo();
    await eventually("the channel is free", () =>
      on.registry.check("channel").then(
        () => true,
        () => false,
      ),
    );
    expect(on.begun).toEqual([]);
  });

  test("an archive that cannot be made", async () => {
    await using on = await ingestServer({ place: () => Promise.reject(new Error("ENOSPC: no space left on device")) });
    const publisher = new ResumablePublisher(on.url, "channel");
    publisher.send(stream);
    expect(await publisher.ended).toEqual({ code: 4503, reason: expect.stringMatching(/ENOSPC/) });
  });
});

/** A disk that writes nothing until it is told to, and then as fast as it can; it stands for one that is too slow. */
class SlowStore implements LogStore {
  readonly start = 0;
  readonly chunks: Uint8Array[] = [];
  #letGo = () => {};
  readonly #held = new Promise<void>((resolve) => {
    this.#letGo = resolve;
  });

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#held;
    this.chunks.push(...chunks);
  }

  async read(): Promise<Uint8Array> {
    return new Uint8Array(0);
  }

  async sync(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  release(): void {
    this.#letGo();
  }
}

test("a disk that is too slow keeps the publisher waiting; what waits in memory is bounded, and nothing is lost", async () => {
  const store = new SlowStore();
  await using on = await ingestServer({ place: async () => ({ store, indexPath: undefined }) });
  const connection = await rawConnection(on.url, "channel");
  await connection.ready();
  const bytes = Buffer.concat([stream, noise(48 * MIB)]);
  for (let at = 0; at < bytes.byteLength; at += 64 * 1024) connection.socket.send(bytes.subarray(at, at + 64 * 1024));
  const taken = () => on.begun[0]?.log.length ?? 0;
  await eventually("what may wait in memory is there", () => taken() > 8 * MIB);
  const first = taken();
  await settle();
  expect(taken()).toBe(first);
  expect(taken()).toBeLessThan(9 * MIB);
  expect(connection.heard.filter(({ type }) => type === "ack")).toEqual([]);
  // Most of it is still with the publisher, and in the system's own buffers.
  expect(connection.socket.bufferedAmount).toBeGreaterThan(24 * MIB);
  store.release();
  connection.socket.send('{"type":"end"}');
  expect((await connection.ended).code).toBe(1000);
  expect(digest(Buffer.concat(store.chunks))).toBe(digest(bytes));
  expect(connection.heard.filter(({ type }) => type === "ack").at(-1)).toEqual({
    type: "ack",
    offset: bytes.byteLength,
  });
});
