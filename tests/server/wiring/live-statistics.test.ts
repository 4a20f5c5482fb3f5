import { expect, test } from "@jest/globals";
import { audienceHistory, liveStats, serverStats, viewerList } from "../../../server/protocol/stats.ts";
import { startTestApp } from "../../helpers/app.ts";
import { clips } from "../../helpers/clips.ts";
import { EventSource } from "../../helpers/event-source.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll } from "../../helpers/lifetime.ts";
import { LiveViewer } from "../../helpers/live-viewer.ts";
import { readyOn } from "../../helpers/millrace.ts";
import { Operator } from "../../helpers/operator.ts";
import { SocketPublisher } from "../../helpers/publish.ts";

const clip = clips["H.264 and Opus in Matroska"](30);
const REPORT = {
  type: "report",
  bufferMs: 100,
  stalls: 2,
  droppedFrames: 0,
  rendition: "video0",
  roundTripMs: 1,
} as const;
const app = oneForAll(startTestApp);
const ask = (method: string, path: string) => new Operator(app().url).ask(method, path);

test("who watches, over which delivery and how, is told while it is live, and kept with the recording", async () => {
  using events = await EventSource.connect(app().url, "?types=viewers.threshold");
  const publisher = await SocketPublisher.connect(app().url, "cam");
  // In real time, so that there are rates to measure.
  const sending = publisher.send(clip, { seconds: 30 });
  const { id } = await readyOn(app().url, "cam");

  const viewer = await LiveViewer.connect(app().url, "cam");
  await viewer.hears("tracks");
  viewer.say({ ...REPORT, delayMs: 210, joinMs: 250, kbps: 5_000 });
  // A machine that is busy with everything else may take nobody new for a moment.
  const play = (path: string, headers: Record<string, string> = {}) =>
    eventually(`${path} is answered`, async () => (await fetch(`${app().url}/live/cam/${path}`, { headers })).ok);
  await play(`master.m3u8?CMCD=${encodeURIComponent('bl=900,br=700,mtp=3000,ot=v,sf=h,sid="h1"')}`);
  await play("manifest.mpd", { "cmcd-status": "bs", "cmcd-session": 'sf=d,sid="d1"' });
  const lines = 'e=t,sid="d1",ltc=640,bl=(800),v=2\ne=t,sid="d1",msd=300,v=2\nnonsense((\n';
  expect((await fetch(`${app().url}/live/cam/cmcd`, { method: "POST", body: lines })).status).toBe(204);
  expect((await fetch(`${app().url}/live/nobody/cmcd`, { method: "POST", body: lines })).status).toBe(404);
  await play("master.m3u8");

  const stats = async () => liveStats.parse((await ask("GET", "/stats")).body).items[0];
  await eventually("all four are there", async () => (await stats())?.audience.viewers === 4);
  await eventually("rates are known", async () => ((await stats())?.ingest.frameRate ?? 0) > 10);
  const now = await stats();
  expect(now).toMatchObject({ channel: "cam", broadcast: id });
  expect(now?.audience).toMatchObject({ deliveries: { socket: 1, hls: 2, dash: 1 }, stalls: 3 });
  expect(now?.audience.delayMs).toMatchObject({ min: 210, avg: 425, max: 640 });
  expect(now?.audience.joinMs).toMatchObject({ min: 250, max: 300 });
  expect(now?.ingest.kbps).toBeGreaterThan(50);
  expect(now?.ingest).toMatchObject({
    containers: 1,
    width: expect.any(Number),
    keyIntervalSeconds: expect.any(Number),
  });
  expect(now?.encoder).toMatchObject({ restarts: 0, failure: null, delayMs: expect.any(Number) });
  // It keeps up with a publisher in real time, and its processor time is counted.
  await eventually("its speed is known", async () => ((await stats())?.encoder.speed ?? 0) > 0.5);
  expect((await stats())?.encoder.cpuPercent).toBeGreaterThan(0);
  expect(now?.bytesOut).toBeGreaterThan(1_000);

  const { items: people } = viewerList.strict().parse((await ask("GET", `/broadcasts/${id}/viewers`)).body);
  expect(people.map(({ delivery }) => delivery).toSorted()).toEqual(["dash", "hls", "hls", "socket"]);
  expect(people.every(({ address }) => address === "127.0.0.x")).toBe(true);
  expect(people.find(({ delivery }) => delivery === "dash")).toMatchObject({
    delayMs: 640,
    bufferMs: 800,
    joinMs: 300,
  });
  expect(people.find(({ rendition }) => rendition === "700 kbit/s")).toMatchObject({ bufferMs: 900, kbps: 3000 });

  expect(serverStats.strict().parse((await ask("GET", "/stats/server")).body)).toMatchObject({
    broadcasts: 1,
    viewers: 4,
    maxBroadcasts: 50,
  });
  const metrics = await (await fetch(`${app().url}/metrics`)).text();
  expect(metrics).toContain('millrace_viewers{channel="cam"} 4');
  expect(metrics).toContain('millrace_viewers_by_delivery{channel="cam",delivery="hls"} 2');
  expect(metrics).toMatch(/millrace_process_cpu_seconds_total \d/);

  expect(await events.hears("viewers.threshold")).toMatchObject({
    channel: "cam",
    data: { threshold: 1, rising: true },
  });
  const path = `/broadcasts/${id}/history`;
  const history = async (query = "") =>
    audienceHistory.strict().parse((await ask("GET", `${path}${query}`)).body).items;
  await eventually("there is a sample", async () => (await history()).some(({ viewers }) => viewers === 4));
  const [first] = await history();
  const newer = await history(`?since=${first?.at}`);
  expect(newer.map(({ at }) => at)).not.toContain(first?.at);
  expect((await ask("GET", `${path}?since=yesterday`)).status).toBe(400);
  await viewer.leave();
  publisher.socket.close(1000);
  await Promise.all([sending, publisher.ended]);
  await eventually("it is over", async () => (await stats()) === undefined);
  await eventually("the recording has it", async () => (await history()).length > 0);
});
