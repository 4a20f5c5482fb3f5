import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import { Heartbeat, type HeartbeatOptions } from "../../../server/ingest/heartbeat.ts";
import { eventually } from "../../helpers/eventually.ts";
import { portOf } from "../../helpers/listening.ts";

/** Both ends of a connection whose server has a heartbeat; the client answers pings unless told otherwise. */
async function connection(options: Partial<HeartbeatOptions> = {}, client: { readonly autoPong?: boolean } = {}) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const accepted = once(server, "connection");
  const near = new WebSocket(`ws://127.0.0.1:${portOf(server)}`, client);
  const [far, request] = await accepted;
  let pings = 0;
  near.on("ping", () => pings++);
  const heartbeat = new Heartbeat(far, {
    bytesRead: () => request.socket.bytesRead,
    isPaused: () => false,
    everyMs: 10,
    silenceMs: 40,
    ...options,
  });
  return {
    near,
    far,
    pings: () => pings,
    async [Symbol.asyncDispose]() {
      heartbeat[Symbol.dispose]();
      near.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a client that answers is left alone, however little it sends", async () => {
  await using on = await connection();
  await eventually("it has been asked often", () => on.pings() >= 20);
  expect(on.near.readyState).toBe(WebSocket.OPEN);
});

test("a client from which nothing comes any more is cut off", async () => {
  await using on = await connection({}, { autoPong: false });
  await once(on.far, "close");
  expect(on.pings()).toBeGreaterThan(1);
});

test("silence means nothing while we do not read", async () => {
  await using on = await connection({ isPaused: () => true }, { autoPong: false });
  await eventually("it has been asked often", () => on.pings() >= 20);
  expect(on.far.readyState).toBe(WebSocket.OPEN);
});

test("nobody is asked when it is over", async () => {
  await using on = await connection();
  await eventually("it has been asked", () => on.pings() >= 1);
  on.near.close();
  await once(on.far, "close");
});
