import { once } from "node:events";
import fastifyWebsocket from "@fastify/websocket";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { WebSocket } from "ws";
import { FrameHub } from "../../../../server/delivery/frames/frame-hub.ts";
import { framesSocket } from "../../../../server/delivery/frames/frames-socket.ts";
import { installProblems, problemOptions } from "../../../../server/delivery/problems.ts";
import { LIVE_CLOSE } from "../../../../server/protocol/live.ts";
import { noise } from "../../../helpers/bytes.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { FramesViewer } from "../../../helpers/frames.ts";

const BROADCAST = "018f0000-0000-7000-8000-000000000001";
const KIB = 1024;

let app: FastifyInstance;
let hub: FrameHub;
let url: string;
let refusal: string | undefined;
beforeEach(async () => {
  hub = new FrameHub();
  refusal = undefined;
  const admission = {
    get refusal() {
      return refusal;
    },
  };
  app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  await app.register(fastifyWebsocket, { errorHandler: (_error, socket) => socket.terminate() });
  await app.register(framesSocket, { frames: hub, admission });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await app.close();
  hub[Symbol.dispose]();
});

const image = (number: number) => Buffer.from(`image ${number}`);

describe("a viewer", () => {
  test("gets the newest image at once, then each as it came, and nothing else", async () => {
    const feed = hub.open("cam", BROADCAST);
    feed.show(image(1));
    feed.show(image(2));
    const viewer = await FramesViewer.connect(url, "cam");
    await viewer.gets(1);
    for (const number of [3, 4, 5]) feed.show(image(number));
    expect((await viewer.gets(4)).map(String)).toEqual(["image 2", "image 3", "image 4", "image 5"]);
    feed.end();
    expect(await viewer.ended).toEqual({ code: LIVE_CLOSE.ended, reason: "the broadcast is over" });
    expect(viewer.words).toEqual([]);
    expect(viewer.images).toHaveLength(4);
  });

  test("of a channel that is not live is told so", async () => {
    const viewer = await FramesViewer.connect(url, "cam");
    expect(await viewer.ended).toEqual({ code: LIVE_CLOSE.notLive, reason: "the channel cam has no image frames now" });
    await eventually("it is forgotten", () => hub.size === 0);
  });

  test("that waits stays, before, between and after, and is told in words", async () => {
    const viewer = await FramesViewer.connect(url, "cam", "?wait=1");
    await eventually("it hears that it waits", () => viewer.words.length === 1);
    const first = hub.open("cam", BROADCAST);
    first.show(image(1));
    await viewer.gets(1);
    first.end();
    await eventually("it hears the end", () => viewer.words.length === 2);
    hub.open("cam", BROADCAST).show(image(2));
    expect((await viewer.gets(2)).map(String)).toEqual(["image 1", "image 2"]);
    expect(viewer.words).toEqual([
      { type: "waiting", reason: "offline" },
      { type: "ended", broadcast: BROADCAST },
    ]);
    await viewer.leave();
    await eventually("it is forgotten", () => hub.size === 0);
  });

  test("may say anything", async () => {
    const feed = hub.open("cam", BROADCAST);
    const viewer = await FramesViewer.connect(url, "cam");
    viewer.socket.send("hello");
    viewer.socket.send(noise(1000));
    await eventually("it is there", () => hub.statsOf("cam").viewers === 1);
    feed.show(image(1));
    await viewer.gets(1);
  });

  test("beyond those that the server takes is told so", async () => {
    hub.open("cam", BROADCAST).show(image(1));
    refusal = "this server is full";
    const viewer = await FramesViewer.connect(url, "cam");
    expect(await viewer.ended).toEqual({ code: LIVE_CLOSE.full, reason: "this server is full" });
    expect(viewer.images).toEqual([]);
  });

  test("of another channel sees another picture", async () => {
    hub.open("one", BROADCAST).show(image(1));
    hub.open("two", BROADCAST).show(image(2));
    for (const [channel, expected] of [
      ["one", image(1)],
      ["two", image(2)],
    ] as const) {
      const viewer = await FramesViewer.connect(url, channel);
      expect(await viewer.gets(1)).toEqual([expected]);
    }
  });
});

test.each(["/live/no%2Fname/frames", "/live/live/frames", "/live/cam/frames?wait=2"])("%s is refused", async (path) => {
  const socket = new WebSocket(`${url.replace("http", "ws")}${path}`);
  socket.on("error", () => {});
  const [, response] = await once(socket, "unexpected-response");
  expect(response.statusCode).toBe(400);
});

describe("a slow viewer", () => {
  /** Stops reading from the network, as a browser does that has no time. */
  async function slow() {
    const viewer = await FramesViewer.connect(url, "cam");
    viewer.socket.pause();
    return viewer;
  }

  test("goes on at the newest image; what it missed is counted, and others miss nothing", async () => {
    const feed = hub.open("cam", BROADCAST);
    const late = await slow();
    const good = await FramesViewer.connect(url, "cam");
    await eventually("both are there", () => hub.statsOf("cam").viewers === 2);
    // 30 MB: more than the system keeps for a connection.
    const body = noise(75 * KIB);
    for (let number = 0; number < 400; number++) {
      feed.show(Buffer.concat([Buffer.from(String(number).padStart(4, "0")), body]));
      await good.gets(number + 1);
    }
    const { sent, skipped } = hub.statsOf("cam");
    expect(sent + skipped).toBeGreaterThanOrEqual(2 * 400 - 1);
    expect(skipped).toBeGreaterThan(100);
    late.socket.resume();
    const numbers = () => late.images.map((bytes) => Number(bytes.toString("latin1", 0, 4)));
    await eventually("it has the newest", () => numbers().at(-1) === 399);
    expect(numbers()).toEqual(numbers().toSorted((a, b) => a - b));
    expect(numbers().length).toBe(400 - hub.statsOf("cam").skipped);
    expect(late.socket.readyState).toBe(late.socket.OPEN);
  });

  test("holds a bounded number of bytes in its queue, whatever the images' size", async () => {
    const feed = hub.open("cam", BROADCAST);
    const late = await slow();
    await eventually("it is there", () => hub.statsOf("cam").viewers === 1);
    const [client] = [...app.websocketServer.clients];
    const body = noise(500 * KIB);
    for (let number = 0; number < 300; number++) {
      feed.show(Buffer.from(body));
      await new Promise((resolve) => setImmediate(resolve));
      expect(client?.bufferedAmount).toBeLessThan(600 * KIB);
    }
    expect(hub.statsOf("cam").skipped).toBeGreaterThan(200);
    late.socket.terminate();
    await eventually("it is forgotten", () => hub.size === 0);
  });
});
