import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import fastifyWebsocket from "@fastify/websocket";
import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { WebSocket } from "ws";
import { ConnectionLimit } from "../../../server/core/connection-limit.ts";
import { RequestLimit } from "../../../server/core/request-limit.ts";
import { trusting } from "../../../server/core/trusted-proxies.ts";
import { limitCallers } from "../../../server/delivery/callers.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { problem } from "../../../server/protocol/api.ts";
import { eventually } from "../../helpers/eventually.ts";

/** A server on which the first five requests other than reading are free, and no more for the time of a test. */
async function server(exempt: readonly string[] = [], proxies: readonly string[] = []) {
  const app = Fastify({ ...problemOptions, ...trusting(proxies), forceCloseConnections: true });
  installProblems(app);
  const requests = new RequestLimit({ perSecond: 1, exempt, now: () => 0 });
  const connections = new ConnectionLimit({ perAddress: 2, exempt, proxies });
  limitCallers(app, { connections, requests, maxHeaderBytes: 16_384 });
  await app.register(fastifyWebsocket);
  app.get("/read", async () => "read");
  app.get("/never", (_request, reply) => void reply.hijack());
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

test("behind a proxy each person has a limit of its own", async () => {
  await using on = await server([], ["127.0.0.1"]);
  const change = async (address: string) =>
    (await fetch(`${on.url}/change`, { method: "POST", headers: { "x-forwarded-for": address } })).status;
  for (let turn = 0; turn < 5; turn++) expect(await change(`10.0.0.${turn}, 203.0.113.7`)).toBe(200);
  expect(await change("203.0.113.7")).toBe(429);
  expect(await change("203.0.113.8")).toBe(200);
});

test("a request in progress is a connection of whoever sent it, until it is over or its sender has left", async () => {
  await using on = await server([], ["127.0.0.1"]);
  const headers = { "x-forwarded-for": "203.0.113.7" };
  const leave = new AbortController();
  const waiting = [1, 2].map(() => fetch(`${on.url}/never`, { headers, signal: leave.signal }));
  const read = async () => (await fetch(`${on.url}/read`, { headers })).status;
  await eventually("both are there", async () => (await read()) === 429);
  expect((await fetch(`${on.url}/read`)).status).toBe(200);
  leave.abort();
  await Promise.allSettled(waiting);
  await eventually("both have left", async () => (await read()) === 200);
  for (let turn = 0; turn < 5; turn++) expect(await read()).toBe(200);
});
