import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { readLoop } from "./media.ts";
import { rehearseSocket } from "./rehearsal.ts";
import { readOptions, ready } from "./serve.ts";
import { keepTime, Stage, sharedMs } from "./stage.ts";

/** What Millrace's socket is measured against: `ws`, and a plain loop that sends everybody the same messages. */
const options = readOptions();
const loop = readLoop(options.folder);
const stage = new Stage(loop, options.windowSeconds);
const clients = new Set<WebSocket>();
const http = createServer();
const server = new WebSocketServer({ server: http });
server.on("connection", (socket) => {
  clients.add(socket);
  socket.on("close", () => clients.delete(socket));
  socket.on("error", () => {});
});

const messages = rehearseSocket(stage, loop, { epochMs: 0, ...options });
const epochMs = sharedMs() - (messages[0]?.end ?? 0) * 1000;
let index = 0;
http.listen(0, "127.0.0.1", () => ready({ port: (http.address() as AddressInfo).port, epochMs }));
await keepTime(
  () => {
    const next = messages[index];
    return next && epochMs + next.end * 1000;
  },
  () => {
    const message = messages[index++];
    if (message === undefined) return;
    for (const client of clients) client.send(message.bytes);
  },
);
