import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { ConnectionLimit } from "../../../server/core/connection-limit.ts";
import { eventually } from "../../helpers/eventually.ts";
import { listening } from "../../helpers/listening.ts";

async function taken(limit: ConnectionLimit) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
  });
  limit.watch(server);
  const on = await listening(server);
  return {
    ...on,
    sockets,
    async connect() {
      const socket = connect(on.port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      return socket;
    },
  };
}

describe("an address", () => {
  test("has so many connections and no more, until one of them closes", async () => {
    const limit = new ConnectionLimit({ perAddress: 2, exempt: [] });
    await using on = await taken(limit);
    const clients = await Promise.all([on.connect(), on.connect(), on.connect()]);
    await eventually("all have been taken", () => on.sockets.length === 3);
    expect(on.sockets.map((socket) => limit.refusal(socket))).toEqual([
      undefined,
      undefined,
      expect.stringMatching(/this address has 2 connections .*MILLRACE_MAX_CONNECTIONS_PER_ADDRESS/),
    ]);
    for (const client of clients) client.destroy();
    await eventually("all have gone", () => on.sockets.every((socket) => socket.destroyed));
    const later = await on.connect();
    await eventually("it has been taken", () => on.sockets.length === 4);
    expect(limit.refusal(on.sockets[3] ?? later)).toBeUndefined();
    later.destroy();
  });

  test.each([["127.0.0.1"], ["127.0.0.0/8"], ["*"]])("that is exempt (%s) has any number", async (entry) => {
    const limit = new ConnectionLimit({ perAddress: 1, exempt: ["10.0.0.0/8", "2001:db8::/32", entry] });
    await using on = await taken(limit);
    const clients = await Promise.all([on.connect(), on.connect(), on.connect()]);
    await eventually("all have been taken", () => on.sockets.length === 3);
    expect(on.sockets.flatMap((socket) => limit.refusal(socket) ?? [])).toEqual([]);
    for (const client of clients) client.destroy();
  });

  test("that a proxy names has as many requests at a time, and the proxy any number of connections", async () => {
    const limit = new ConnectionLimit({ perAddress: 2, exempt: ["198.51.100.1"], proxies: ["127.0.0.1"] });
    await using on = await taken(limit);
    const clients = await Promise.all([on.connect(), on.connect(), on.connect()]);
    await eventually("all have been taken", () => on.sockets.length === 3);
    expect(on.sockets.flatMap((socket) => limit.refusal(socket) ?? [])).toEqual([]);
    const [first, second] = [limit.enter("203.0.113.7"), limit.enter("203.0.113.7")];
    expect(limit.enter("203.0.113.7")).toMatch(/this address has 2 connections/);
    expect(limit.enter("203.0.113.8")).toBeInstanceOf(Function);
    for (let turn = 0; turn < 5; turn++) expect(limit.enter("198.51.100.1")).toBeInstanceOf(Function);
    if (typeof first === "function") first();
    expect(limit.enter("203.0.113.7")).toBeInstanceOf(Function);
    expect(limit.enter("203.0.113.7")).toMatch(/MILLRACE_MAX_CONNECTIONS_PER_ADDRESS/);
    expect(second).toBeInstanceOf(Function);
    for (const client of clients) client.destroy();
  });
});
