import { once } from "node:events";
import fastifyWebsocket from "@fastify/websocket";
import { expect, test } from "@jest/globals";
import Fastify, { type FastifyPluginAsync } from "fastify";
import { WebSocket } from "ws";
import { LiveError } from "../../../server/core/errors.ts";
import { problemOptions } from "../../../server/delivery/problems.ts";
import { guardWatching, takeToken } from "../../../server/delivery/watch-token.ts";
import { WatchingSockets } from "../../../server/delivery/watching-sockets.ts";
import { eventually } from "../../helpers/eventually.ts";

test("who may not watch any more is let go, others stay, and who has left is forgotten", async () => {
  const good = new Set(["old", "new", undefined]);
  const check = (_channel: string, token: string | undefined) => {
    if (!good.has(token)) throw new LiveError("bad_key", "it was withdrawn");
  };
  const sockets = new WatchingSockets({ check });
  await using app = Fastify({ ...problemOptions, rewriteUrl: takeToken, forceCloseConnections: true });
  await app.register(fastifyWebsocket);
  const watched: FastifyPluginAsync = async (routes) => {
    guardWatching(routes, { check, channelOf: async () => undefined });
    sockets.follow(routes.websocketServer);
    routes.get("/live/:channel/socket", { websocket: true }, () => {});
  };
  await app.register(watched);
  const url = (await app.listen({ host: "127.0.0.1", port: 0 })).replace("http", "ws");
  const connect = async (path: string) => {
    const socket = new WebSocket(`${url}/live/${path}`);
    await once(socket, "open");
    return socket;
  };
  const [old, query, fresh, open, elsewhere] = await Promise.all([
    connect("cam/~old/socket"),
    connect("cam/socket?token=old"),
    connect("cam/~new/socket"),
    connect("cam/socket"),
    connect("other/~old/socket"),
  ]);
  expect(sockets.size).toBe(5);
  good.delete("old");
  const ends = [old, query].map((socket) => once(socket, "close"));
  sockets.recheck("cam");
  for (const end of ends) {
    const [code, reason] = await end;
    expect([code, String(reason)]).toEqual([4403, "it was withdrawn"]);
  }
  expect([fresh, open, elsewhere].map(({ readyState }) => readyState)).toEqual(Array(3).fill(WebSocket.OPEN));
  for (const socket of [fresh, open, elsewhere]) socket.close();
  await eventually("all are forgotten", () => sockets.size === 0);
});
