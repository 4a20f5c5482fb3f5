import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import { noise, piecesOf } from "../../../helpers/bytes.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { FramesPublisher, type FramesServer, framesServer } from "../../../helpers/frames.ts";
import { imageKinds, jpegHeader, makeImages, prefixed } from "../../../helpers/images.ts";

const KIB = 1024;
const images = makeImages("jpeg", 3);
const [image = Buffer.alloc(0)] = images;

let on: FramesServer;
afterEach(async () => {
  await on[Symbol.asyncDispose]();
});

const publisher = () => FramesPublisher.connect(on.url);
const liveOn = (channel: string) => eventually(`${channel} is live`, () => on.registry.on(channel) !== undefined);
const freeOn = (channel: string) => eventually(`${channel} is free`, () => on.registry.on(channel) === undefined);
const told = (words: string) => eventually(`“${words}” is told`, () => on.reasons().join("\n").includes(words));

/** What the archive of the newest broadcast has. */
async function archive(): Promise<Buffer> {
  return readFile(on.pathOf(on.begun.at(-1)?.id ?? "", "source"));
}

const lengths = (...sent: readonly Uint8Array[]) => Buffer.concat(sent.map((each) => prefixed(each)));

describe("who only sends images", () => {
  test.each(imageKinds)("publishes to the channel frames, and the archive has each %s as it came", async (kind) => {
    on = await framesServer();
    const client = await publisher();
    const sent = makeImages(kind, 3);
    client.send(...sent);
    await client.end();
    await freeOn("frames");
    expect(on.begun).toMatchObject([{ channel: "frames" }]);
    expect(await on.begun[0]?.ended).toEqual({ reason: "finished" });
    expect(await archive()).toEqual(lengths(...sent));
    const index = await readFile(on.pathOf(on.begun[0]?.id ?? "", "index"), "utf8");
    expect(index.match(/^a /gm)).toHaveLength(3);
    expect(index.match(/^r /gm)).toHaveLength(3);
  });

  test("may cut them anywhere", async () => {
    on = await framesServer();
    const client = await publisher();
    client.socket.setNoDelay(true);
    for (const piece of piecesOf(lengths(...images), 400)) {
      await new Promise((resolve) => client.socket.write(piece, resolve));
    }
    await client.end();
    await freeOn("frames");
    expect(await archive()).toEqual(lengths(...images));
  });

  test("ends cleanly with the end of its connection, and the next one takes over", async () => {
    on = await framesServer();
    for (const turn of [1, 2]) {
      const client = await publisher();
      client.send(image);
      await eventually(`broadcast ${turn} has begun`, () => on.begun.length === turn);
      client.socket.end();
      expect(await on.begun[turn - 1]?.ended).toEqual({ reason: "finished" });
    }
  });

  test.each([
    ["inside an image", () => prefixed(image).subarray(0, 50)],
    ["inside a length", () => Buffer.from([0, 0])],
  ])("and whose connection ends %s leaves what was whole", async (_where, rest) => {
    on = await framesServer();
    const client = await publisher();
    client.send(image);
    await liveOn("frames");
    client.socket.end(rest());
    expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
    expect(await archive()).toEqual(lengths(image));
  });

  test("and whose connection is reset ends the broadcast", async () => {
    on = await framesServer();
    const client = await publisher();
    client.send(image);
    await liveOn("frames");
    client.socket.resetAndDestroy();
    expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
  });
});

describe("several publishers", () => {
  test("are on the channels that they name, and the name is in no archive", async () => {
    on = await framesServer();
    const clients = await Promise.all(
      ["one", "two", "three"].map(async (channel) => ({ channel, to: await publisher() })),
    );
    for (const { channel, to } of clients) to.send(JSON.stringify({ channel, key: "secret" }), image);
    for (const { channel } of clients) await liveOn(channel);
    for (const { to } of clients) await to.end();
    for (const { channel } of clients) await freeOn(channel);
    for (const { id } of on.begun) expect(await readFile(on.pathOf(id, "source"))).toEqual(lengths(image));
  });

  test("on one channel: the second is let go, the first stays", async () => {
    on = await framesServer();
    const first = await publisher();
    first.send(image);
    await liveOn("frames");
    const second = await publisher();
    second.send(image);
    await second.closed;
    await told("the channel frames is already live");
    first.send(image);
    await first.end();
    await freeOn("frames");
    expect(await archive()).toEqual(lengths(image, image));
  });

  test("are no more than there are places", async () => {
    on = await framesServer({ maxBroadcasts: 1 });
    const first = await publisher();
    first.send('{"channel":"one"}', image);
    await liveOn("one");
    const second = await publisher();
    second.send('{"channel":"two"}', image);
    await second.closed;
    await told("this server takes 1 broadcasts at a time");
  });
});

describe("what is too large", () => {
  test("is read away, and the connection stays", async () => {
    on = await framesServer();
    const client = await publisher();
    client.send(image, noise(513 * KIB), image, noise(2048 * KIB), image);
    await client.end();
    await freeOn("frames");
    expect(await archive()).toEqual(lengths(image, image, image));
    expect(on.reports.map(({ event }) => event)).toEqual(["an image was skipped", "a publisher of images has gone"]);
    expect(on.reports.at(-1)?.details).toMatchObject({ skipped: 2, channel: "frames" });
  });

  test("is what the setting says", async () => {
    on = await framesServer({ maxImageBytes: image.byteLength });
    const client = await publisher();
    client.send(Buffer.concat([image, Buffer.alloc(1)]), image);
    await client.end();
    await freeOn("frames");
    expect(await archive()).toEqual(lengths(image));
  });

  test.each(["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00", "\xff\xff\xff\xff", "\x04\x00\x00\x01"])(
    "beyond reason closes the connection: %j",
    async (text) => {
      on = await framesServer();
      const client = await publisher();
      client.send(image);
      await liveOn("frames");
      client.socket.write(Buffer.from(text, "latin1"));
      await client.closed;
      await told("is none that an image has");
      await freeOn("frames");
      expect(await archive()).toEqual(lengths(image));
    },
  );
});

describe("what is no image", () => {
  test("is skipped, and the connection stays", async () => {
    on = await framesServer();
    const client = await publisher();
    client.send("words", image, noise(10_000), jpegHeader(1, 1), image);
    await client.end();
    await freeOn("frames");
    expect(await archive()).toEqual(lengths(image, image));
    expect(on.reports.at(-1)?.details).toMatchObject({ skipped: 3 });
  });

  test("and nothing else leaves no broadcast", async () => {
    on = await framesServer();
    const client = await publisher();
    client.send("words", "more words");
    await client.end();
    await eventually("it has gone", () => on.reports.some(({ event }) => event.includes("has gone")));
    expect(on.begun).toEqual([]);
  });

  test("as a first message that should name a channel is told of", async () => {
    on = await framesServer();
    const client = await publisher();
    client.send('{"channel":"no/name"}', image);
    await client.closed;
    await told("the first message names no channel");
  });
});

describe("a connection", () => {
  test("on which nothing whole comes in time is closed", async () => {
    on = await framesServer({ patienceMs: 50 });
    const client = await publisher();
    client.socket.write(prefixed(image).subarray(0, 100));
    await client.closed;
    await told("no whole message came in time");
  });

  test("that falls silent is closed, and its broadcast ended", async () => {
    on = await framesServer({ idleMs: 200 });
    const client = await publisher();
    client.send(image);
    await client.closed;
    await told("nothing was sent for 0.2 s");
    expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
  });

  test("is closed when the operator ends its broadcast", async () => {
    on = await framesServer();
    const client = await publisher();
    client.send(image);
    await liveOn("frames");
    await on.registry.stop(on.begun[0]?.id ?? "", "not today");
    await client.closed;
    await told("not today");
    expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
  });

  test("beyond those that an address may have is closed at once", async () => {
    on = await framesServer({ perAddress: 1 });
    const first = await publisher();
    const second = await publisher();
    await second.closed;
    await told("MILLRACE_MAX_CONNECTIONS_PER_ADDRESS");
    first.send(image);
    await liveOn("frames");
    await first.end();
  });
});
