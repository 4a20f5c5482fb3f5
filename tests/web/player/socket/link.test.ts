import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { type WebSocket, WebSocketServer } from "ws";
import { LIVE_CLOSE, type LiveServerMessage, writeRecordHeader } from "../../../../server/protocol/live.ts";
import { type LinkUser, LiveLink } from "../../../../web/player/socket/link.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { portOf } from "../../../helpers/listening.ts";
import { nodeWire } from "../../../helpers/wire.ts";

let server: WebSocketServer;
let sockets: WebSocket[];
let addresses: string[];
let links: LiveLink[];
let greet: (socket: WebSocket) => void;

beforeEach(async () => {
  [sockets, addresses, links] = [[], [], []];
  greet = () => {};
  await listen(0);
});
afterEach(async () => {
  for (const link of links) link.rest();
  await stop();
});

async function listen(port: number): Promise<void> {
  server = new WebSocketServer({ port, host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    sockets.push(socket);
    addresses.push(request.url ?? "");
    socket.on("message", (data) => {
      const words = JSON.parse(String(data));
      if (words.type === "clock") say(socket, { type: "clock", sentMs: words.sentMs, serverMs: words.sentMs + 500 });
    });
    greet(socket);
  });
  await once(server, "listening");
}

async function stop(): Promise<void> {
  for (const socket of sockets) socket.terminate();
  if (server.address() !== null) await new Promise((resolve) => server.close(resolve));
}

const port = () => portOf(server);
const say = (socket: WebSocket | undefined, words: LiveServerMessage) => socket?.send(JSON.stringify(words));
const offline: LiveServerMessage = { type: "waiting", reason: "offline" };
const tracks = (broadcast: string): LiveServerMessage => ({
  type: "tracks",
  broadcast,
  channel: "demo",
  tracks: [{ index: 0, name: "video0", kind: "video", codecs: "avc1.42c01f" }],
  video: 0,
  audio: null,
  clock: { mediaSeconds: 0, wallMs: 1_700_000_000_000 },
});

/** A binary message with one chunk. */
function media(time: number): Uint8Array {
  const payload = Uint8Array.of(1, 2, 3);
  const message = new Uint8Array(16 + payload.byteLength);
  writeRecordHeader(message, 0, { kind: "chunk", track: 0, key: true, breaks: false, time, payload });
  message.set(payload, 16);
  return message;
}

/** A link that notes its news; `there` says whether the server answers otherwise. */
function open(there: () => boolean = () => true) {
  const address = `ws://127.0.0.1:${port()}/`;
  const news: string[] = [];
  const link = new LiveLink({
    addressOf: (video) => `${address}?video=${video ?? ""}`,
    openWire: nodeWire,
    isServerThere: async () => there(),
    nowMs: () => performance.timeOrigin + performance.now(),
    retryWaitMs: () => 5,
  });
  link.onNews = () => news.push(link.news?.kind ?? link.blocked ?? "nothing");
  links.push(link);
  return { link, news };
}

/** A player that notes what it gets. */
function player(broadcast?: () => string | undefined) {
  const got: string[] = [];
  const user: LinkUser = {
    get broadcast() {
      return broadcast?.();
    },
    onWords: ({ type }) => got.push(type),
    onRecords: (records) => got.push(...records.map(({ time }) => String(time))),
    onLost: () => got.push("lost"),
    onBlocked: (text) => got.push(`blocked: ${text}`),
    onOver: () => got.push("over"),
  };
  return { user, got };
}

describe("a link to the live socket", () => {
  test("says what the server says about the channel, and knows its clock", async () => {
    greet = (socket) => say(socket, offline);
    const { link, news } = open();
    link.start();
    await eventually("it is told", () => news.length === 1);
    const id = uuidv7();
    say(sockets[0], tracks(id));
    say(sockets[0], { type: "ended", broadcast: id });
    await eventually("it is told more", () => news.length === 3);
    expect(news).toEqual(["offline", "live", "offline"]);
    await eventually("the clock is known", () => link.clock.offsetMs !== undefined);
    expect(Math.abs((link.clock.offsetMs ?? 0) - 500)).toBeLessThan(50);
  });

  test("gives a player that attaches itself later what came since the track list", async () => {
    greet = (socket) => {
      say(socket, tracks(uuidv7()));
      socket.send(media(1));
      socket.send(media(2));
    };
    const { link, news } = open();
    const { user, got } = player();
    link.start();
    await eventually("it is live", () => news.includes("live"));
    link.attach(user);
    await eventually("all is there", () => got.length === 3);
    expect(got).toEqual(["tracks", "1", "2"]);
    expect(sockets).toHaveLength(1);
  });

  test("connects anew for a player that missed the beginning", async () => {
    greet = (socket) => {
      say(socket, tracks(uuidv7()));
      socket.send(media(1));
    };
    const { link } = open();
    const first = player();
    link.start();
    link.attach(first.user);
    await eventually("the first has it", () => first.got.includes("1"));
    link.detach(first.user);
    const second = player();
    link.attach(second.user);
    await eventually("the second has it", () => second.got.includes("1"));
    expect(second.got).toEqual(["tracks", "1"]);
    expect(sockets).toHaveLength(2);
  });

  test("lets a player go when its broadcast is over, and keeps the next one for the next player", async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    greet = (socket) => say(socket, tracks(a));
    const { link } = open();
    const first = player(() => a);
    link.start();
    link.attach(first.user);
    await eventually("the first has it", () => first.got.length === 1);
    say(sockets[0], tracks(b));
    sockets[0]?.send(media(7));
    await eventually("it is over", () => first.got.includes("over"));
    const second = player();
    link.attach(second.user);
    await eventually("the second has it", () => second.got.includes("7"));
    expect(second.got).toEqual(["tracks", "7"]);
    expect(first.got).toEqual(["tracks", "over"]);
  });

  test("comes back after the server was away, as often as it takes, and asks for the same picture", async () => {
    greet = (socket) => say(socket, tracks(uuidv7()));
    const { link, news } = open(() => false);
    const { user, got } = player();
    link.start();
    link.attach(user);
    await eventually("it is live", () => got.includes("tracks"));
    link.video = "video1";
    const at = port();
    await stop();
    await eventually("it tries", () => got.filter((each) => each === "lost").length >= 4);
    expect(link.blocked).toBeUndefined();
    await listen(at);
    await eventually("it is live again", () => got.filter((each) => each === "tracks").length === 2);
    expect(addresses.at(-1)).toBe("/?video=video1");
    expect(news.filter((each) => each === "live")).toHaveLength(2);
  });

  test("is closed after two failures in a row while the server is there, and one drop is none", async () => {
    let refuses = false;
    greet = (socket) => (refuses ? socket.terminate() : say(socket, offline));
    const { link, news } = open();
    const { user, got } = player();
    link.start();
    link.attach(user);
    await eventually("it is told", () => news.includes("offline"));
    refuses = true;
    sockets[0]?.terminate();
    await eventually("it is closed", () => link.blocked !== undefined);
    expect(got.at(-1)).toMatch(/^blocked/);
    expect(news.at(-1)).toMatch(/does not come through/);
    const tries = sockets.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sockets).toHaveLength(tries);
    expect(tries).toBeLessThanOrEqual(4);
  });

  test("is closed at once, with the server's words, when the server takes no more viewers", async () => {
    greet = (socket) => socket.close(LIVE_CLOSE.full, "no room");
    const { link } = open();
    link.start();
    await eventually("it is closed", () => link.blocked === "no room");
    expect(sockets).toHaveLength(1);
    const { user, got } = player();
    link.attach(user);
    expect(got).toEqual(["blocked: no room"]);
  });

  test("is closed for good, and says why, when this viewer may not watch any more", async () => {
    greet = (socket) => socket.close(LIVE_CLOSE.forbidden, "withdrawn");
    const { link } = open();
    const refusals: string[] = [];
    link.onRefused = (why) => refusals.push(why);
    link.start();
    await eventually("it is closed", () => link.blocked === "withdrawn");
    expect([refusals, sockets.length]).toEqual([["withdrawn"], 1]);
  });

  test("tries whether it is open again, and stays connected if so", async () => {
    let refuses = true;
    greet = (socket) => (refuses ? socket.terminate() : say(socket, tracks(uuidv7())));
    const { link, news } = open();
    link.start();
    await eventually("it is closed", () => link.blocked !== undefined);
    expect(await link.probe()).toBe(false);
    expect(link.news).toBeUndefined();
    refuses = false;
    expect(await link.probe()).toBe(true);
    expect(news.at(-1)).toBe("live");
    const { user, got } = player();
    link.attach(user);
    await eventually("it plays", () => got.includes("tracks"));
    expect(link.blocked).toBeUndefined();
  });

  test("is not disturbed by what it does not understand", async () => {
    greet = (socket) => {
      socket.send('{"type":"of tomorrow"}');
      socket.send("no words");
      say(socket, offline);
    };
    const { link, news } = open();
    link.start();
    await eventually("it is told", () => news.includes("offline"));
    expect(sockets).toHaveLength(1);
  });

  test("begins anew when media is broken", async () => {
    greet = (socket) => say(socket, tracks(uuidv7()));
    const { link } = open();
    const { user, got } = player();
    link.start();
    link.attach(user);
    await eventually("it is live", () => got.includes("tracks"));
    sockets[0]?.send(media(1).slice(0, 18));
    await eventually("it is live again", () => got.filter((each) => each === "tracks").length === 2);
    expect(got).toContain("lost");
  });
});
