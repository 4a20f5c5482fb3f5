import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { ConnectionLimit } from "../../../../server/core/connection-limit.ts";
import { LiveError } from "../../../../server/core/errors.ts";
import { RequestLimit } from "../../../../server/core/request-limit.ts";
import { listenForRtmp, type RtmpListenerOptions } from "../../../../server/ingest/rtmp/listener.ts";
import type { TcpDoor } from "../../../../server/ingest/tcp-door.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { probePackets } from "../../../helpers/media-ffmpeg.ts";
import { chunksOf, only, scan } from "../../../helpers/media-scan.ts";
import { publishingInto } from "../../../helpers/publishing.ts";
import { type TestRegistry, testRegistry } from "../../../helpers/registry.ts";
import { publishRtmp, RtmpPublisher, recordRtmp, rtmpSources } from "../../../helpers/rtmp.ts";

const KEY = "secret";

let recorded: Buffer;
beforeAll(async () => {
  recorded = await recordRtmp(`/live/show?key=${KEY}`, rtmpSources.both, 1);
});

let on: TestRegistry;
let listener: TcpDoor;
beforeEach(async () => {
  on = await testRegistry({ maxBroadcasts: 2 });
  listener = await listen();
});
afterEach(async () => {
  await listener[Symbol.asyncDispose]();
  await on[Symbol.asyncDispose]();
});

function limits(perAddress: number, perSecond = 1000): RtmpListenerOptions["limits"] {
  const connections = new ConnectionLimit({ perAddress, exempt: [] });
  return { connections, requests: new RequestLimit({ perSecond, exempt: [] }) };
}

function listen(options: Partial<RtmpListenerOptions> = {}): Promise<TcpDoor> {
  const checkKey = (key: string | undefined) => {
    if (key !== KEY) throw new LiveError("bad_key", "this key is not the channel's");
  };
  return listenForRtmp({
    host: "127.0.0.1",
    port: 0,
    limits: limits(100),
    idleMs: 60_000,
    publishing: publishingInto(on.registry, ({ key }) => checkKey(key)),
    ...options,
  });
}

interface Client {
  readonly socket: Socket;
  /** Resolves when the connection is gone, however that came. */
  readonly closed: Promise<unknown>;
  readonly told: () => string;
}

/** A client that plays back what a real one sent, and keeps what it is told. */
async function replay(bytes: Uint8Array, url = listener.url): Promise<Client> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  let told = "";
  socket.on("data", (data: Buffer) => {
    told += data.toString("latin1");
  });
  await once(socket, "connect");
  socket.write(bytes);
  return { socket, closed, told: () => told };
}

/** What is sent before the last `cut` of the recording. */
const begun = () => recorded.subarray(0, recorded.byteLength - 3000);
const archive = async (at = 0) => {
  const broadcast = on.begun[at];
  if (broadcast === undefined) throw new Error("nothing began");
  await broadcast.ended;
  return readFileSync(on.pathOf(broadcast.id, "source"));
};

test.each([
  ["both", ["h264", "aac"]],
  ["videoOnly", ["h264"]],
  ["audioOnly", ["aac"]],
  ["mp3", ["h264", "mp3"]],
] as const)("FFmpeg publishes %s: the archive is FLV with all of it", async (source, codecs) => {
  const { code, words } = await publishRtmp(`${listener.url}/show/${KEY}`, rtmpSources[source], 1.5).ended;
  // It would like to go back and write a duration, and always complains that it cannot.
  expect([code, words.replaceAll(/.*Failed to update header.*\n/g, "")]).toEqual([0, ""]);
  const file = await archive();
  const [init] = only(scan("flv", [file]), "init");
  expect(init?.tracks.map(({ codec }) => codec).toSorted()).toEqual(codecs.toSorted());
  const packets = probePackets("flv", file);
  const pictures = packets.filter(({ kind }) => kind === "video").length;
  expect(pictures).toBe(init?.tracks.some(({ kind }) => kind === "video") ? 45 : 0);
  expect(packets.length).toBeGreaterThan(40);
  expect(await on.begun[0]?.ended).toEqual({ reason: "finished" });
});

const refusals = [
  { name: "a wrong key", address: "/live/show?key=guess", words: "this key is not the channel's" },
  { name: "no key", address: "/live/show", words: "this key is not the channel's" },
  { name: "a bad name", address: "/live/a.b?key=secret", words: "the address is rtmp://HOST/live/CHANNEL?key=KEY" },
];

test.each(refusals)("FFmpeg is told that $name is refused", async ({ address, words }) => {
  const end = await publishRtmp(`${listener.url}${address}`, rtmpSources.both, 5).ended;
  expect(end.code).not.toBe(0);
  expect(end.words).toContain(`Server error: ${words}`);
  expect(on.begun).toEqual([]);
});

test("the status of a refusal is that of RTMP, and the connection is closed", async () => {
  await listener[Symbol.asyncDispose]();
  const admit = () => Promise.reject(new LiveError("no_room", "all places are taken"));
  const nobody = () => {
    throw new Error("nobody gets here");
  };
  listener = await listen({ publishing: { admit, begin: nobody, resume: nobody } });
  const { closed, told } = await replay(recorded);
  await closed;
  expect(told()).toContain("NetStream.Publish.Rejected");
  expect(told()).toContain("all places are taken");
  expect(told()).not.toContain("NetStream.Publish.Start");
});

test("a channel that is taken is refused, and free again when its publisher is done", async () => {
  const first = await replay(begun());
  await eventually("it is live", () => on.begun.length === 1);
  const second = await replay(recorded);
  await second.closed;
  expect(second.told()).toContain("NetStream.Publish.BadName");
  expect(await on.registry.live.map(({ channel }) => channel)).toEqual(["show"]);
  first.socket.write(recorded.subarray(begun().byteLength));
  await first.closed;
  expect(first.told()).toContain("NetStream.Unpublish.Success");
  const third = await replay(recorded);
  await third.closed;
  expect(on.begun).toHaveLength(2);
});

test("the archive is the same whether the bytes come at once or one by one", async () => {
  const whole = await replay(recorded);
  await whole.closed;
  const pieces = await replay(recorded.subarray(0, 1));
  pieces.socket.setNoDelay(true);
  for (const piece of chunksOf(recorded.subarray(1), 97)) {
    if (!pieces.socket.write(piece)) await once(pieces.socket, "drain");
  }
  await pieces.closed;
  expect((await archive(1)).equals(await archive(0))).toBe(true);
});

test("a publisher that is killed leaves all that came, and the channel", async () => {
  await using publisher = new RtmpPublisher(`${listener.url}/show/${KEY}`, rtmpSources.both);
  await eventually("it is live", () => (on.begun[0]?.log.length ?? 0) > 20_000);
  publisher.child.kill("SIGKILL");
  const file = await archive();
  expect(await on.begun[0]?.ended).toEqual({ reason: "disconnected" });
  expect(probePackets("flv", file).length).toBeGreaterThan(10);
  await on.registry.check("show");
});

test("a publisher that falls silent is let go", async () => {
  await listener[Symbol.asyncDispose]();
  listener = await listen({ idleMs: 300 });
  const { closed, told } = await replay(begun());
  await closed;
  expect(told()).toContain("MILLRACE_IDLE_SECONDS");
  expect((await on.begun[0]?.ended)?.reason).toBe("disconnected");
});

test("who connects and does not publish is let go", async () => {
  await listener[Symbol.asyncDispose]();
  listener = await listen({ patienceMs: 300 });
  const { socket, closed } = await replay(recorded.subarray(0, 1000));
  const timer = setInterval(() => socket.write("x"), 20);
  await closed;
  clearInterval(timer);
});

test("what is no RTMP is cut off, and harms nobody", async () => {
  const good = await replay(begun());
  const bad = await replay(Buffer.from("POST /publish/show HTTP/1.1\r\n\r\n"));
  await bad.closed;
  const late = await replay(Buffer.concat([recorded.subarray(0, 4000), Buffer.alloc(10_000, 0xee)]));
  await late.closed;
  good.socket.write(recorded.subarray(begun().byteLength));
  await good.closed;
  expect(await on.begun[0]?.ended).toEqual({ reason: "finished" });
});

test("a client that has too many connections is told so", async () => {
  await listener[Symbol.asyncDispose]();
  listener = await listen({ limits: limits(1) });
  const first = await replay(begun());
  const second = await replay(recorded);
  await second.closed;
  expect(second.told()).toContain("NetStream.Publish.Rejected");
  expect(second.told()).toContain("MILLRACE_MAX_CONNECTIONS_PER_ADDRESS");
  first.socket.destroy();
});

test("a client that comes too often is told so", async () => {
  await listener[Symbol.asyncDispose]();
  listener = await listen({ limits: limits(100, 1) });
  const clients = await Promise.all(Array.from({ length: 6 }, () => replay(recorded)));
  await Promise.all(clients.map(({ closed }) => closed));
  const told = clients.filter((client) => client.told().includes("MILLRACE_MAX_REQUESTS_PER_SECOND"));
  expect(told).toHaveLength(1);
});

test("playing is not offered", async () => {
  const address = `${listener.url}/live/show?key=${KEY}`;
  await using player = new RtmpPublisher("-", ["-i", address, "-c", "copy"]);
  expect((await player.ended).words).toContain("Server error: nothing is played over RTMP here");
});

test("times of many hours keep counting", async () => {
  const hours = [...rtmpSources.both, "-output_ts_offset", "30000"];
  await publishRtmp(`${listener.url}/show/${KEY}`, hours, 1).ended;
  const times = probePackets("flv", await archive()).map(({ time }) => time);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(29_999);
  expect(Math.max(...times)).toBeLessThan(30_002);
});

test("when the server stops the publisher is told and let go, and the archive is whole", async () => {
  const { closed, told } = await replay(begun());
  await eventually("it is live", () => on.begun.length === 1);
  await on.registry[Symbol.asyncDispose]();
  await closed;
  expect(told()).toContain("NetStream.Failed");
  expect(only(scan("flv", [await archive()]), "init")).toHaveLength(1);
});

test("a port that is taken names the setting, in one line", async () => {
  const port = Number(new URL(listener.url).port);
  await expect(listen({ port })).rejects.toThrow(
    new RegExp(`^RTMP cannot be served \\(MILLRACE_RTMP_PORT=${port}; [^\\n]*EADDRINUSE[^\\n]*$`),
  );
});
