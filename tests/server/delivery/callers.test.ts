import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import fastifyWebsocket from "@fastify/websocket";
import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { WebSocket } from "ws";
import { RequestLimit } from "../../../server/core/request-limit.ts";
import { limitCallers } from "../../../server/delivery/callers.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { problem } from "../../../server/protocol/api.ts";

/** A server on which the first five requests other than reading are free, and no more for the time of a test. */
async function server(exempt: readonly string[] = []) {
  const app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  const requests = new RequestLimit({ perSecond: 1, exempt, now: () => 0 });
  limitCallers(app, { connections: { refusal: () => undefined }, requests, maxHeaderBytes: 16_384 });
  await app.register(fastifyWebsocket);
  app.get("/read", async () => "read");
  app.post("/change", async () => "changed");
  app.get("/socket", { websocket: true }, (socket) => socket.close(1000));
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

async function upgrade(url: string): Promise<number> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket`);
  socket.on("error", () => {});
  return Promise.race([
    once(socket, "close").then(([code]: number[]) => code ?? 0),
    once(socket, "unexpected-response").then(([, response]: IncomingMessage[]) => {
      response?.resume();
      return response?.statusCode ?? 0;
    }),
  ]);
}

test("who asks for changes too often is told which limit that is, and when to come back", async () => {
  await using on = await server();
  for (let turn = 0; turn < 5; turn++) {
    expect((await fetch(`${on.url}/change`, { method: "POST" })).status).toBe(200);
  }
  const refused = await fetch(`${on.url}/change`, { method: "POST" });
  expect(refused.headers.get("retry-after")).toBe("1");
  const { status, detail } = problem.parse(await refused.json());
  expect([status, detail]).toEqual([429, expect.stringContaining("MILLRACE_MAX_REQUESTS_PER_SECOND")]);
});

test("opening a WebSocket counts, and reading does not", async () => {
  await using on = await server();
  for (let turn = 0; turn < 20; turn++) expect((await fetch(`${on.url}/read`)).status).toBe(200);
  for (let turn = 0; turn < 5; turn++) expect(await upgrade(on.url)).toBe(1000);
  expect(await upgrade(on.url)).toBe(429);
  expect((await fetch(`${on.url}/read`)).status).toBe(200);
});

test("who is exempt may do so as often as it likes", async () => {
  await using on = await server(["127.0.0.0/8"]);
  for (let turn = 0; turn < 10; turn++) {
    expect((await fetch(`${on.url}/change`, { method: "POST" })).status).toBe(200);
  }
});
