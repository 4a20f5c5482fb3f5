import { once } from "node:events";
import { Agent, get as httpGet, type IncomingMessage } from "node:http";
import { connect, createServer } from "node:http2";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { v7 as uuidv7 } from "uuid";
import { trusting } from "../../../server/core/trusted-proxies.ts";
import { Admission } from "../../../server/delivery/admission.ts";
import { liveRoutes } from "../../../server/delivery/live-routes.ts";
import { installProblems } from "../../../server/delivery/problems.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { between, makePicture } from "../../helpers/cmaf.ts";
import { eventually } from "../../helpers/eventually.ts";
import { listening } from "../../helpers/listening.ts";
import { presentWith } from "../../helpers/presentation.ts";

const MASTER = "/live/channel/master.m3u8";
const MANIFEST = "/live/channel/manifest.mpd";
const picture = makePicture({ seconds: 4 });

let busy: number;
let admission: Admission;
let app: FastifyInstance;
let port: number;
let agents: Agent[];

beforeEach(async () => {
  // Only what the load is looked at with: three seconds of it pass at once.
  jest.useFakeTimers({
    doNotFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "nextTick", "queueMicrotask", "Date"],
  });
  busy = 0;
  admission = new Admission({ maxViewers: 1, viewers: () => 0, busy: () => busy });
  const presentation = presentWith({ video0: [picture, between(picture, 2, 6)] }, { tracks: ["video"] });
  const store = new LiveStore();
  store.add({ broadcast: uuidv7(), channel: "channel", presentation });
  app = Fastify({ ...trusting(["127.0.0.1"]), forceCloseConnections: true });
  installProblems(app);
  await app.register(liveRoutes, { store, admission });
  port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
  agents = [];
});
afterEach(async () => {
  for (const agent of agents) agent.destroy();
  await app.close();
  admission[Symbol.dispose]();
  jest.useRealTimers();
});

function loadFor(seconds: number, share: number): void {
  busy = share;
  jest.advanceTimersByTime(seconds * 1000);
}

/** A player: all that it asks for goes over one connection. */
function player(
  headers: Record<string, string> = {},
): (path: string) => Promise<{ status: number | undefined; retryAfter: string | undefined; text: string }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return async (path) => {
    const [response] = (await once(httpGet({ port, path, agent, host: "127.0.0.1", headers }), "response")) as [
      IncomingMessage,
    ];
    let text = "";
    for await (const piece of response.setEncoding("utf8")) text += piece;
    return { status: response.statusCode, retryAfter: response.headers["retry-after"], text };
  };
}

test("a newcomer to a server at its limit is told to come later; those who are there go on", async () => {
  const old = player();
  expect((await old(MASTER)).status).toBe(200);
  loadFor(3, 1);
  for (const path of [MASTER, MANIFEST]) {
    const { status, retryAfter, text } = await player()(path);
    expect([status, retryAfter]).toEqual([503, "5"]);
    expect(text).toContain("at its limit");
    expect((await old(path)).status).toBe(200);
  }
});

test("who was refused is still a newcomer, and is taken when there is room again", async () => {
  loadFor(3, 1);
  const patient = player();
  expect((await patient(MASTER)).status).toBe(503);
  expect((await patient(MASTER)).status).toBe(503);
  loadFor(0.5, 0.1);
  expect((await patient(MASTER)).status).toBe(200);
  loadFor(3, 1);
  expect((await patient(MASTER)).status).toBe(200);
});

test("connections of viewers count, as long as they are open", async () => {
  const crowd = Array.from({ length: 320 }, player);
  await Promise.all(crowd.map((ask) => ask(MASTER)));
  loadFor(3, 0.89);
  // 320 need 89 %: there is room for three more.
  const late = Array.from({ length: 5 }, player);
  const statuses: (number | undefined)[] = [];
  for (const ask of late) statuses.push((await ask(MASTER)).status);
  expect(statuses).toEqual([200, 200, 200, 503, 503]);
  for (const agent of agents.slice(0, 100)) agent.destroy();
  await eventually("there is room again", async () => (await player()(MASTER)).status === 200);
});

test("over connections that a proxy shares among many it is the person that counts", async () => {
  const proxy = player();
  const [old, other] = [{ "x-forwarded-for": "203.0.113.7" }, { "x-forwarded-for": "203.0.113.8" }];
  expect((await player(old)(MASTER)).status).toBe(200);
  loadFor(3, 1);
  // Over whatever connection it comes.
  expect((await player(old)(MASTER)).status).toBe(200);
  expect((await player(other)(MASTER)).status).toBe(503);
  expect((await proxy(MASTER)).status).toBe(503);
  loadFor(21, 1);
  expect((await player(old)(MASTER)).status).toBe(503);
});

test("over HTTP/2 it is the connection that counts, not each request", async () => {
  const front = createServer().on("request", (request, response) => app.server.emit("request", request, response));
  await using on = await listening(front);
  const address = `http://127.0.0.1:${on.port}`;
  const ask = async (session: ReturnType<typeof connect>) => {
    const [headers] = await once(session.request({ ":path": MANIFEST }).resume(), "response");
    return headers[":status"];
  };
  const [old, newcomer] = [connect(address), connect(address)];
  try {
    expect(await ask(old)).toBe(200);
    loadFor(3, 1);
    expect(await ask(newcomer)).toBe(503);
    expect(await ask(old)).toBe(200);
  } finally {
    old.destroy();
    newcomer.destroy();
  }
});
