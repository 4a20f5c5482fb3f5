import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { problem } from "../../server/protocol/api.ts";
import { startTestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { liveOn, readyOn, recordings } from "../helpers/millrace.ts";
import { ffmpegsBelow } from "../helpers/processes.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { tinyWebm } from "../helpers/tiny-webm.ts";

const stream = tinyWebm();
const clip = clips["H.264 and Opus in Matroska"](5);

test("a broadcast that is stopped with the server is complete: archive, record, playlists, no process", async () => {
  await using app = await startTestApp();
  const publisher = await SocketPublisher.connect(app.url, "channel");
  await publisher.send(clip);
  const { id } = await readyOn(app.url, "channel");
  await app.stop();
  expect((await publisher.ended).code).toBe(1001);
  const place = app.folderOf("channel", id);
  expect((await readFile(join(place, "source.mkv"))).equals(clip)).toBe(true);
  expect(JSON.parse(await readFile(join(place, "broadcast.json"), "utf8"))).toMatchObject({
    state: "finished",
    bytes: clip.byteLength,
  });
  expect(await readFile(join(place, "video0/playlist.m3u8"), "utf8")).toContain("#EXT-X-ENDLIST");
  expect(await readFile(join(place, "manifest.mpd"), "utf8")).toContain(`type="static"`);
  expect(ffmpegsBelow()).toEqual([]);
});

test("where keys are needed nobody gets in without, neither by HTTP nor by WebSocket", async () => {
  await using app = await startTestApp({ MILLRACE_PUBLISH: "keys" });
  const { status, body } = await publishHttp(app.url, "channel", stream);
  expect([status, problem.parse(body).status]).toEqual([401, 401]);
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/publish/channel?key=guess`);
  socket.on("error", () => {});
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(401);
  expect(await recordings(app.url)).toEqual([]);
});

test("a message above the limit ends its own broadcast with 1009 and no other", async () => {
  await using app = await startTestApp();
  const [bad, good] = [await SocketPublisher.connect(app.url, "bad"), await SocketPublisher.connect(app.url, "good")];
  await bad.send(clip);
  await good.send(clip);
  await eventually("both are live", async () => (await liveOn(app.url, "good")) !== null);
  bad.socket.send(Buffer.alloc(64 * 1024 * 1024 + 1));
  expect((await bad.ended).code).toBe(1009);
  expect(await liveOn(app.url, "good")).not.toBeNull();
  expect(await good.end()).toMatchObject({ code: 1000, texts: [] });
});

test("without recording a broadcast can be watched and leaves nothing", async () => {
  await using app = await startTestApp({ MILLRACE_RECORD: "off" });
  const publisher = await SocketPublisher.connect(app.url, "channel");
  await publisher.send(clip);
  await eventually("it can be watched", async () => (await fetch(`${app.url}/live/channel/master.m3u8`)).ok);
  await publisher.end();
  await eventually("it has ended", async () => (await liveOn(app.url, "channel")) === null);
  await eventually("its log is gone", async () => (await readdir(join(app.dataDir, "unrecorded"))).length === 0);
  expect(await recordings(app.url)).toEqual([]);
  expect(existsSync(join(app.dataDir, "recordings"))).toBe(false);
});

test("an upgrade that leads nowhere does not hold up the end", async () => {
  await using app = await startTestApp();
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const upgrade = ["Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  socket.write(
    `GET /publish/%zz HTTP/1.1\r\n${upgrade.join("\r\n")}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await once(socket, "data");
  const began = performance.now();
  await app.stop();
  expect(performance.now() - began).toBeLessThan(4_000);
  socket.destroy();
});

test("a start that fails says why and leaves nothing open", async () => {
  await using first = await startTestApp();
  const { port } = new URL(first.url);
  await expect(startTestApp({ MILLRACE_PORT: port })).rejects.toThrow("EADDRINUSE");
  await expect(startTestApp({ MILLRACE_DATA_DIR: first.dataDir })).rejects.toThrow("another Millrace uses");
  await expect(startTestApp({ MILLRACE_FFMPEG: "/nowhere/ffmpeg" })).rejects.toThrow("FFmpeg cannot be started");
});

test("another site's page may not publish, unless its origin is allowed; programs and our own pages may", async () => {
  await using app = await startTestApp({ MILLRACE_ALLOWED_ORIGINS: "https://video.example.org" });
  const publish = async (headers: Record<string, string>) => {
    const response = await fetch(`${app.url}/publish/channel`, {
      method: "POST",
      body: new Uint8Array(stream),
      headers,
    });
    return response.status;
  };
  expect(await publish({ origin: "https://evil.example" })).toBe(403);
  expect(await publish({ origin: "null" })).toBe(403);
  expect(await publish({ origin: "https://video.example.org" })).toBe(201);
  expect(await publish({ origin: app.url })).toBe(201);
  expect(await publish({})).toBe(201);
  const socket = new WebSocket(`${app.url.replace("http", "ws")}/publish/channel`, { origin: "https://evil.example" });
  socket.on("error", () => {});
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(403);
});

test("an address with too many connections is told so", async () => {
  await using app = await startTestApp({
    MILLRACE_MAX_CONNECTIONS_PER_ADDRESS: "2",
    MILLRACE_CONNECTION_EXEMPTIONS: "10.0.0.0/8",
  });
  const port = Number(new URL(app.url).port);
  const idle = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(idle.map((socket) => once(socket, "connect")));
  const response = await fetch(`${app.url}/healthz`);
  expect(problem.parse(await response.json())).toMatchObject({
    status: 429,
    detail: expect.stringContaining("2 connections"),
  });
  for (const socket of idle) socket.destroy();
  await eventually("there is room again", async () => (await fetch(`${app.url}/healthz`)).ok);
});
