import { expect, test } from "@jest/globals";
import { problem } from "../../server/protocol/api.ts";
import { viewerList } from "../../server/protocol/stats.ts";
import { startTestApp } from "../helpers/app.ts";
import { Chatter } from "../helpers/chatter.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { LiveViewer } from "../helpers/live-viewer.ts";
import { liveOn } from "../helpers/millrace.ts";
import { Operator } from "../helpers/operator.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { ReverseProxy } from "../helpers/reverse-proxy.ts";
import { tinyWebm } from "../helpers/tiny-webm.ts";

const TOKEN = "operator";
const MOST = 8;
const SITE = { protocol: "https", host: "video.example.org" } as const;
const clip = clips["H.264 and Opus in Matroska"](5);

/** The same proxy as two people come through it. */
const all = oneForAll(async () => {
  const app = await startTestApp({
    MILLRACE_TRUSTED_PROXIES: "127.0.0.1",
    MILLRACE_ADMIN_TOKEN: TOKEN,
    MILLRACE_PUBLISH: "open",
    MILLRACE_MAX_CONNECTIONS_PER_ADDRESS: String(MOST),
  });
  const ada = await ReverseProxy.start(app.url, { client: "203.0.113.7", site: SITE });
  const bob = await ReverseProxy.start(app.url, { client: "2001:db8::5", site: SITE });
  return {
    ...{ url: app.url, ada, bob },
    async [Symbol.asyncDispose]() {
      await ada[Symbol.asyncDispose]();
      await bob[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
});

test("who guesses the operator's token keeps out nobody else, whomever it pretends to be", async () => {
  const { ada, bob } = all();
  const guess = async ({ url }: ReverseProxy, pretended: string) => {
    const headers = { authorization: "Bearer guess", "x-forwarded-for": pretended };
    return (await fetch(`${url}/api/v1/server`, { headers })).status;
  };
  for (let turn = 0; turn < 10; turn++) expect(await guess(ada, `198.51.100.${turn}`)).toBe(401);
  expect(await guess(ada, "198.51.100.99")).toBe(429);
  expect((await new Operator(ada.url, TOKEN).ask("GET", "/server")).status).toBe(429);
  expect((await new Operator(bob.url, TOKEN).ask("GET", "/server")).status).toBe(200);
});

test("sockets and requests of one person count as its connections, the proxy's own do not", async () => {
  const { ada, bob } = all();
  const sockets = await Promise.all(Array.from({ length: MOST }, () => Chatter.join(ada.url, "quiet")));
  const refused = await fetch(`${ada.url}/healthz`);
  expect(problem.parse(await refused.json())).toMatchObject({ status: 429, detail: expect.stringMatching(/8 conn/) });
  await expect(Chatter.connect(ada.url, "quiet")).rejects.toThrow("429");
  expect((await fetch(`${bob.url}/healthz`)).status).toBe(200);
  await Promise.all(sockets.map((socket) => socket.leave()));
  await eventually("there is room again", async () => (await fetch(`${ada.url}/healthz`)).ok);
  // Each answered request has given its place back.
  for (let turn = 0; turn < 3 * MOST; turn++) expect((await fetch(`${ada.url}/healthz`)).status).toBe(200);
});

test("viewers are told by their own addresses, and the manifest names the site they came to", async () => {
  const { url, ada, bob } = all();
  const publisher = await SocketPublisher.connect(bob.url, "channel");
  await publisher.send(clip);
  await eventually("it can be watched", async () => (await liveOn(url, "channel"))?.ready === true);
  const { id } = (await liveOn(url, "channel")) ?? { id: "" };
  const operator = new Operator(bob.url, TOKEN);
  const manifest = async ({ url }: ReverseProxy) =>
    (await fetch(`${url}/live/channel/manifest.mpd`, { headers: { "user-agent": "the same" } })).text();
  // A machine that is too busy refuses newcomers for a while.
  await eventually("all are there", async () => {
    const viewer = await LiveViewer.connect(ada.url, "channel");
    const manifests = await Promise.all([ada, bob].map(manifest));
    const { items } = viewerList.parse((await operator.ask("GET", `/broadcasts/${id}/viewers`)).body);
    await viewer.leave();
    const seen = items.map(({ delivery, address }) => `${delivery} ${address}`).toSorted();
    return (
      seen.join() === "dash 2001:db8::x,dash 203.0.113.x,socket 203.0.113.x" &&
      manifests.every((text) => text.includes(`value="https://video.example.org/time"`))
    );
  });
  await publisher.end();
});

test("a ban in the chat is for one person", async () => {
  const { ada, bob } = all();
  const operator = new Operator(bob.url, TOKEN);
  const banned = await Chatter.join(ada.url, "chat");
  const other = await Chatter.join(bob.url, "chat");
  const ban = await operator.ask("POST", "/channels/chat/chat/bans", { address: "203.0.113.7" });
  expect(ban.status).toBe(201);
  expect(await banned.ended).toMatchObject({ code: 4403 });
  expect((await (await Chatter.connect(ada.url, "chat")).ended).code).toBe(4403);
  await (await Chatter.join(bob.url, "chat")).leave();
  await other.leave();
});

test("pages of the site that people come to may publish, others may not", async () => {
  const { ada } = all();
  const publish = async (origin: string) => {
    const body = new Uint8Array(tinyWebm());
    return (await fetch(`${ada.url}/publish/other`, { method: "POST", body, headers: { origin } })).status;
  };
  expect(await publish("https://video.example.org")).toBe(201);
  expect(await publish("https://evil.example")).toBe(403);
});
