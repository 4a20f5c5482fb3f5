import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { WebSocket as NodeWebSocket, WebSocketServer } from "ws";
import type { ChannelCheck } from "../../../web/capture/failures.ts";
import { plainUplink } from "../../../web/capture/plain-uplink.ts";

const browserSocket = Reflect.get(globalThis, "WebSocket");
const report = { onReconnecting: () => {} };

describe("the plain uplink", () => {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  let received: Buffer[] = [];
  let closeCode: Promise<number>;
  let serve: (socket: NodeWebSocket) => void = () => {};

  beforeAll(async () => {
    // Node 20 has no WebSocket of its own; this one has the same face.
    Reflect.set(globalThis, "WebSocket", NodeWebSocket);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    sockets.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => received.push(data));
      closeCode = once(socket, "close").then(([code]) => code as number);
      serve(socket);
    });
  });

  beforeEach(() => {
    received = [];
    serve = () => {};
  });

  afterEach(() => {
    for (const socket of sockets.clients) socket.terminate();
  });

  afterAll(async () => {
    Reflect.set(globalThis, "WebSocket", browserSocket);
    sockets.close();
    await new Promise((resolve) => http.close(resolve));
  });

  const connect = (check: ChannelCheck = "idle", path = "") =>
    plainUplink({
      addressOf: (channel, key) =>
        `ws://127.0.0.1:${(http.address() as AddressInfo).port}${path}/${channel}?key=${key}`,
      checkChannel: async () => check,
    })({ channel: "demo", key: "", mimeType: "video/webm" }, report, new AbortController().signal);

  test("sends everything in order before it closes with 1000", async () => {
    const uplink = await connect();
    for (const part of ["a", "bb", "ccc"]) uplink.send(new Blob([part]));
    expect(uplink.sentBytes).toBe(6);
    await expect(uplink.finish()).resolves.toEqual({ kind: "finished" });
    expect(Buffer.concat(received).toString()).toBe("abbccc");
    await expect(closeCode).resolves.toBe(1000);
  });

  test("says what the server said before it closed", async () => {
    serve = (socket) => {
      socket.send("ERROR: the disk is full");
      socket.close(1011);
    };
    const uplink = await connect();
    await expect(uplink.ended).resolves.toEqual({ kind: "lost", text: expect.stringMatching(/the disk is full/) });
  });

  test("says that the connection was lost when it breaks without a word", async () => {
    serve = (socket) => socket.terminate();
    const uplink = await connect();
    await expect(uplink.ended).resolves.toEqual({ kind: "lost", text: expect.stringMatching(/lost/) });
  });

  test("sends nothing more after the end", async () => {
    const uplink = await connect();
    uplink.abandon();
    uplink.send(new Blob(["late"]));
    await expect(uplink.ended).resolves.toEqual({ kind: "finished" });
    expect(uplink.sentBytes).toBe(0);
  });

  test("that is refused tells why, as far as the channel tells", async () => {
    sockets.options.verifyClient = (_info: unknown, answer: (ok: boolean, status: number) => void) =>
      answer(false, 409);
    await expect(connect("live")).rejects.toThrow(/taken/);
    await expect(connect("unreachable")).rejects.toThrow(/cannot be reached/);
    await expect(connect("idle")).rejects.toThrow(/refused/);
    delete sockets.options.verifyClient;
  });
});
