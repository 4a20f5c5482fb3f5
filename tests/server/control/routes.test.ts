import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { v7 as uuidv7 } from "uuid";
import { Watching } from "../../../server/control/permission/watching.ts";
import { openRoutes } from "../../../server/control/routes.ts";
import { channel, channelList, type LiveBroadcast, problem } from "../../../server/protocol/api.ts";
import { type MadeChannel, PLAIN_CHANNEL } from "../../../server/protocol/channels.ts";
import { apiServer, tokenRule } from "../../helpers/api.ts";
import { ask } from "../../helpers/raw-http.ts";
import { watchLinks } from "../../helpers/watch-links.ts";

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
  dropped: [{ track: "video1", width: 640, height: 360 }],
  notices: [{ at: "2026-01-02T03:04:06.000Z", text: "words" }],
  analysis: null,
};

const made: MadeChannel[] = [
  { ...PLAIN_CHANNEL, name: "film", title: "Film", createdAt: "2026-01-02T03:04:05.000Z" },
  { ...PLAIN_CHANNEL, name: "secret", watch: "link", createdAt: "2026-01-02T03:04:05.000Z" },
];
const plain = { title: "", description: "", watch: "open", refusal: null } as const;
const problems: string[] = [];
const links = watchLinks("x");

let app: FastifyInstance;
let url: string;
beforeAll(async () => {
  app = apiServer();
  const channels = {
    list: () => [broadcast],
    on: (name: string) => (name === "cam" ? broadcast : undefined),
    onOffer: () => ["cam", "film"],
  };
  const store = { list: () => made, get: (name: string) => made.find((each) => each.name === name) };
  await app.register(openRoutes, {
    admin: tokenRule("operator"),
    channels,
    store,
    watching: new Watching(store, links),
    problems: async () => problems,
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
});

async function json(path: string): Promise<unknown> {
  const { body } = await ask(url, path);
  return JSON.parse(body.toString());
}

test("what is live has the shape that pages expect, and nothing else", async () => {
  expect(channelList.strict().parse(await json("/api/v1/channels"))).toEqual({
    items: [
      { ...plain, name: "cam", live: true, onDemand: false, broadcast },
      { ...plain, name: "film", title: "Film", live: false, onDemand: true, broadcast: null },
    ],
  });
});

test("a channel that is watched by link is told of only to the operator, and by name", async () => {
  const headers = { authorization: "Bearer operator" };
  const all = channelList.parse(await (await fetch(`${url}/api/v1/channels`, { headers })).json());
  expect(all.items.map(({ name }) => name)).toEqual(["cam", "film", "secret"]);
  const without = channel.parse(await json("/api/v1/channels/secret"));
  expect(without).toMatchObject({ watch: "link", refusal: expect.stringContaining("a link that its owner gives out") });
  const { token } = links.sign("secret", 60);
  expect(channel.parse(await json(`/api/v1/channels/secret?token=${token}`)).refusal).toBeNull();
  const { token: another } = links.sign("film", 60);
  expect(channel.parse(await json(`/api/v1/channels/secret?token=${another}`)).refusal).toContain(
    "not one for this channel",
  );
});

test("a channel is answered by name, live or not", async () => {
  expect(channel.strict().parse(await json("/api/v1/channels/cam"))).toEqual({
    ...plain,
    name: "cam",
    live: true,
    onDemand: false,
    broadcast,
  });
  expect(channel.strict().parse(await json("/api/v1/channels/other"))).toEqual({
    ...plain,
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
  expect((await fetch(`${url}/healthz/ready`)).status).toBe(200);
  problems.push("the disk is full");
  const answer = await fetch(`${url}/healthz/ready`);
  expect([answer.status, await answer.json()]).toEqual([503, { status: "not ready", problems }]);
});

test("the clock is the server's, in ISO 8601, for players on other sites, too", async () => {
  const before = Date.now();
  const { headers, body } = await ask(url, "/time");
  expect(headers).toMatchObject({ "access-control-allow-origin": "*" });
  expect(body.toString()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(Date.parse(body.toString())).toBeGreaterThanOrEqual(before - 1);
  expect(Date.parse(body.toString())).toBeLessThanOrEqual(Date.now() + 1);
});
