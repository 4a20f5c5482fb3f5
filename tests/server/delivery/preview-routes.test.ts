import { afterAll, beforeAll, expect, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { v7 as uuidv7 } from "uuid";
import { liveRoutes } from "../../../server/delivery/live-routes.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { Previews } from "../../../server/packaging/previews.ts";
import { problem } from "../../../server/protocol/api.ts";
import { makeImages } from "../../helpers/images.ts";
import { present } from "../../helpers/presentation.ts";

const [image = Buffer.alloc(0), other = Buffer.alloc(0)] = makeImages("jpeg", 2);
const broadcast = uuidv7();
const store = new LiveStore();
const previews = new Previews({ everySeconds: 5 });
const touched: string[] = [];
const served: string[] = [];
let app: FastifyInstance;

beforeAll(async () => {
  app = Fastify(problemOptions);
  installProblems(app);
  const demand = { want: () => undefined, touch: (channel: string) => void touched.push(channel) };
  const admission = { refusalOf: () => undefined, serve: () => void served.push("a viewer") };
  await app.register(liveRoutes, { store, admission, demand });
  store.add({ broadcast, channel: "channel", presentation: present(), previews });
  store.add({ broadcast: uuidv7(), channel: "without", presentation: present() });
});
afterAll(async () => {
  await app.close();
  store[Symbol.dispose]();
});

const ask = (channel: string, headers: Record<string, string> = {}) =>
  app.inject({ url: `/live/${channel}/preview.jpg`, headers });

test("there is none before the first image, without previews, and on a channel that is not live: in words", async () => {
  for (const [channel, words] of [
    ["channel", "has no preview image (yet)"],
    ["without", "has no preview image (yet)"],
    ["nobody", "is not live"],
  ] as const) {
    const { statusCode, body } = await ask(channel);
    expect([statusCode, problem.parse(JSON.parse(body)).detail]).toEqual([404, expect.stringContaining(words)]);
  }
  expect((await ask("no.name")).statusCode).toBe(400);
});

test("the newest is sent with a tag, and whoever has it is told so", async () => {
  previews.add(image, 2);
  const first = await ask("channel");
  expect(first.rawPayload.equals(image)).toBe(true);
  expect(first.headers).toMatchObject({
    "content-type": "image/jpeg",
    "cache-control": "no-cache",
    "access-control-allow-origin": "*",
    etag: `"${broadcast}-0"`,
  });
  for (const known of [`"${broadcast}-0"`, `W/"${broadcast}-0"`, `"x", "${broadcast}-0"`, "*"]) {
    const answer = await ask("channel", { "if-none-match": known });
    expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([304, "", `"${broadcast}-0"`]);
  }
  previews.add(other, 7);
  const second = await ask("channel", { "if-none-match": `"${broadcast}-0"` });
  expect([second.statusCode, second.rawPayload.equals(other)]).toEqual([200, true]);
});

test("who looks at previews is no viewer, and keeps no camera on", async () => {
  await ask("channel");
  expect([touched, served]).toEqual([[], []]);
  await app.inject({ url: "/live/channel/master.m3u8" });
  expect([touched, served]).toEqual([["channel"], ["a viewer"]]);
});
