import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { WebSocket as NodeWebSocket, WebSocketServer } from "ws";
import { PUBLISH_SUBPROTOCOL, type PublishServerMessage } from "../../../server/protocol/publish.ts";
import { type ConnectionClose, PublishConnection } from "../../../web/capture/publish-connection.ts";
import { browserGlobals } from "../../helpers/browser-globals.ts";
import { portOf } from "../../helpers/listening.ts";

test("a connection asks for the protocol, hears its messages and nothing else, and tells how it ended", async () => {
  using _globals = browserGlobals({ WebSocket: NodeWebSocket });
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const connected = once(server, "connection") as Promise<[NodeWebSocket]>;
  const messages: PublishServerMessage[] = [];
  const closed = new Promise<ConnectionClose>((resolve) => {
    new PublishConnection(`ws://127.0.0.1:${portOf(server)}/`, {
      onMessage: (message) => messages.push(message),
      onClose: resolve,
    });
  });
  const [socket] = await connected;
  expect(socket.protocol).toBe(PUBLISH_SUBPROTOCOL);
  for (const strange of ["no JSON", '{"type":"news"}', '{"type":"ack","offset":-1}', Buffer.from("bytes")]) {
    socket.send(strange);
  }
  socket.send('{"type":"ack","offset":7}');
  socket.close(4403, "enough");
  await expect(closed).resolves.toEqual({ code: 4403, reason: "enough", wasOpen: true });
  expect(messages).toEqual([{ type: "ack", offset: 7 }]);
  server.close();
});

test("a connection that was dropped tells nothing more, and one that never opened says so", async () => {
  using _globals = browserGlobals({ WebSocket: NodeWebSocket });
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const address = `ws://127.0.0.1:${portOf(server)}/`;
  const told: unknown[] = [];
  const listener = {
    onMessage: (message: unknown) => told.push(message),
    onClose: (close: unknown) => told.push(close),
  };
  const connected = once(server, "connection") as Promise<[NodeWebSocket]>;
  const connection = new PublishConnection(address, listener);
  const [socket] = await connected;
  connection.drop();
  socket.send('{"type":"ack","offset":7}');
  await once(socket, "close");
  expect(told).toEqual([]);

  server.close();
  await once(server, "close");
  const closed = new Promise<ConnectionClose>((resolve) => {
    new PublishConnection(address, { onMessage: () => {}, onClose: resolve });
  });
  await expect(closed).resolves.toMatchObject({ code: 1006, wasOpen: false });
});
