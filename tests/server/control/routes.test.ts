import { afterAll, beforeAll, expect, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { v7 as uuidv7 } from "uuid";
import { controlRoutes } from "../../../server/control/routes.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import {
  channel,
  channelList,
  type LiveBroadcast,
  type LiveStats,
  liveStats,
  problem,
} from "../../../server/protocol/api.ts";
import { ask } from "../../helpers/raw-http.ts";

const broadcast: LiveBroadcast = {
  id: uuidv7(),
  channel: "cam",
  startedAt: "2026-01-02T03:04:05.000Z",
  state: "live",
  interruptedSince: null,
  failure: null,
  bytes: 12_345,
  ready: true,
  container: "webm",
  source: [{ kind: "video", codec: "vp8", width: 1280, height: 720 }],
  renditions: [
    { track: "video0", kind: "video", codecs: "avc1.42c01f", width: 1280, height: 720, frameRate: 30, bandwidth: 1 },
  ],
  notices: [{ at: "2026-01-02T03:04:06.000Z", text: "words" }],
};

const none = {
  delayMs: null,
  bufferMs: null,
  roundTripMs: null,
  stalls: 0,
  droppedFrames: 0,
  skips: 0,
  renditions: {},
};
const stats: LiveStats = {
  items: [
    {
      channel: "cam",
      broadcast: broadcast.id,
      frames: { viewers: 0, sent: 0, skipped: 0 },
      socket: { viewers: 3, ...none },
    },
  ],
};

let app: FastifyInstance;
let url: string;
beforeAll(async () => {
  app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  const channels = {
    list: () => [broadcast],
    on: (name: string) => (name === "cam" ? broadcast : undefined),
    stats: () => stats,
    onOffer: () => ["cam", "film"],
  };
  await app.register(controlRoutes, { channels });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
});

async function json(path: string): Promise<unknown> {
  const { headers, body } = await ask(url, path);
  expect(headers["cache-control"]).toBe("no-store");
  return JSON.parse(body.toString());
}

test("what is live has the shape that pages expect, and nothing else", async () => {
  expect(channelList.strict().parse(await json("/api/v1/channels"))).toEqual({
    items: [
      { name: "cam", live: true, onDemand: false, broadcast },
      { name: "film", live: false, onDemand: true, broadcast: null },
    ],
  });
});

test("a channel is answered by name, live or not", async () => {
  expect(channel.strict().parse(await json("/api/v1/channels/cam"))).toEqual({
    name: "cam",
    live: true,
    onDemand: false,
    broadcast,
  });
  expect(channel.strict().parse(await json("/api/v1/channels/other"))).toEqual({
    name: "other",
    live: false,
    onDemand: false,
    broadcast: null,
  });
});

test("a name that no channel can have is 400", async () => {
  for (const name of ["a.b", "live", "x".repeat(129)]) {
    const { status, body } = await ask(url, `/api/v1/channels/${name}`);
    expect([status, problem.parse(JSON.parse(body.toString())).status]).toEqual([400, 400]);
  }
});

test("the server is healthy", async () => {
  expect(await json("/healthz")).toEqual({ status: "ok" });
});

test("the clock is the server's, in ISO 8601, for players on other sites, too", async () => {
  const before = Date.now();
  const { headers, body } = await ask(url, "/time");
  expect(headers).toMatchObject({ "access-control-allow-origin": "*", "cache-control": "no-store" });
  expect(body.toString()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Date.parse(body.toString())).toBeGreaterThanOrEqual(before - 1);
  expect(Date.parse(body.toString())).toBeLessThanOrEqual(Date.now() + 1);
});

test("the statistics of what is live are there", async () => {
  expect(liveStats.parse(await json("/api/v1/stats"))).toEqual(stats);
});
