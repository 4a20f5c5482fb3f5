import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { dashChecker } from "../../../scripts/check/dash/checker.ts";
import { hlsChecker } from "../../../scripts/check/hls/checker.ts";
import {
  type ClipRequest,
  clip as clipAnswer,
  problem,
  recording,
  recordingList,
} from "../../../server/protocol/api.ts";
import { startTestApp } from "../../helpers/app.ts";
import { clips } from "../../helpers/clips.ts";
import { EventSource } from "../../helpers/event-source.ts";
import { eventually } from "../../helpers/eventually.ts";
import { ffprobe, finishedOn } from "../../helpers/millrace.ts";
import { fetchText, readHls } from "../../helpers/playlists.ts";
import { publishHttp, SocketPublisher } from "../../helpers/publish.ts";
import { framesOf } from "../../helpers/replay.ts";
import { broken } from "../../helpers/verdicts.ts";

const media = clips["H.264 and Opus in Matroska"](10);
const probed = z.object({
  format: z.object({ duration: z.coerce.number() }),
  streams: z.array(z.object({ codec_type: z.string(), nb_read_packets: z.coerce.number() })),
});

const api = (url: string, path: string, method: string, body?: object) =>
  fetch(`${url}/api/v1/recordings/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });

async function makeClip(url: string, id: string, request: ClipRequest) {
  const response = await api(url, `${id}/clips`, "POST", request);
  expect(response.status).toBe(201);
  return clipAnswer.strict().parse(await response.json());
}

test("a clip has whole segments, plays over HLS and DASH and as one file, and outlives its recording", async () => {
  await using app = await startTestApp({ MILLRACE_PREVIEW_SECONDS: "2" });
  await publishHttp(app.url, "cam", media);
  const { id } = await finishedOn(app.url, "cam");
  const whole = await readHls(`${app.url}/recordings/${id}/master.m3u8`);
  const segments = whole.get("video0")?.segments ?? [];
  const [, second, third, fourth] = segments;
  if (second === undefined || third === undefined || fourth === undefined)
    throw new Error("there are too few segments");

  const made = await makeClip(app.url, id, { fromMs: 3_000, toMs: third.start * 1000 + 500, title: "The best of it" });
  const [fromMs, toMs] = [second.start * 1000, fourth.start * 1000];
  expect(made).toMatchObject({ channel: "cam", state: "finished", title: "The best of it" });
  expect(Math.abs((made.clipOf?.fromMs ?? 0) - fromMs)).toBeLessThan(2);
  expect(Math.abs((made.clipOf?.toMs ?? 0) - toMs)).toBeLessThan(2);
  expect(made.clipOf?.recording).toBe(id);

  const playlists = await readHls(`${app.url}${made.links.hls}`);
  expect([...playlists.keys()].toSorted()).toEqual(["audio0", "video0"]);
  const cut = playlists.get("video0")?.segments ?? [];
  expect(cut.map(({ uri }) => uri.split("/").slice(-3))).toEqual(
    [second, third].map(({ uri }) => uri.split("/").slice(-3)),
  );
  const frames = await framesOf(cut.map(({ uri }) => uri));
  expect(frames).toBe(await framesOf([second.uri, third.uri]));
  expect(await broken(hlsChecker, `${app.url}${made.links.hls}`)).toEqual([]);
  expect(await broken(dashChecker, `${app.url}${made.links.dash}`)).toEqual([]);
  const images = await fetchText(`${app.url}/recordings/${made.id}/previews/playlist.m3u8`);
  expect(images.match(/^\d\.jpg$/gm)?.[0]).toBe("0.jpg");

  const wants = ["-count_packets", "-show_entries", "format=duration:stream=codec_type,nb_read_packets"];
  const mp4 = join(app.folderOf("cam", made.id), "seekable.mp4");
  const { format, streams } = probed.parse(ffprobe(mp4, wants));
  expect(Math.abs(format.duration - (toMs - fromMs) / 1000)).toBeLessThan(0.1);
  expect(streams.find(({ codec_type }) => codec_type === "video")?.nb_read_packets).toBe(frames);
  expect(streams.map(({ codec_type }) => codec_type).toSorted()).toEqual(["audio", "video"]);
  const served = await fetch(`${app.url}${made.links.mp4}`, { headers: { range: "bytes=0-99" } });
  expect([served.status, served.headers.get("content-type")]).toEqual([206, "video/mp4"]);
  expect(made.bytes).toBe((await stat(mp4)).size);

  expect((await api(app.url, id, "DELETE")).status).toBe(204);
  expect(recordingList.parse(JSON.parse(await fetchText(`${app.url}/api/v1/recordings`))).items).toHaveLength(1);
  expect((await fetch(`${app.url}/recordings/${id}/master.m3u8`)).status).toBe(404);
  expect(await framesOf(cut.map(({ uri }) => uri))).toBe(frames);
  // A clip of the clip is made like any other.
  const again = await makeClip(app.url, made.id, { fromMs: 0, toMs: 100 });
  expect((await readHls(`${app.url}${again.links.hls}`)).get("video0")?.segments).toHaveLength(1);
});

test("what is live can get a title, which it keeps, but is neither cut nor deleted", async () => {
  await using app = await startTestApp();
  const publisher = await SocketPublisher.connect(app.url, "cam");
  await publisher.send(media.subarray(0, media.byteLength / 2));
  const of = async () =>
    recordingList.parse(JSON.parse(await fetchText(`${app.url}/api/v1/recordings?channel=cam`))).items;
  await eventually("it is recorded", async () => (await of()).length === 1);
  const id = (await of())[0]?.id ?? "";
  const named = await api(app.url, id, "PATCH", { title: "Now" });
  expect(recording.strict().parse(await named.json())).toMatchObject({ id, title: "Now", state: "recording" });
  for (const answer of [
    await api(app.url, id, "DELETE"),
    await api(app.url, `${id}/clips`, "POST", { fromMs: 0, toMs: 1_000 }),
  ]) {
    expect(problem.parse(await answer.json()).status).toBe(409);
  }
  await publisher.end();
  expect(await finishedOn(app.url, "cam")).toMatchObject({ id, title: "Now" });
  const nowhere = await api(app.url, `${id}/clips`, "POST", { fromMs: 500_000, toMs: 600_000 });
  expect(problem.parse(await nowhere.json())).toMatchObject({
    status: 400,
    detail: "there is nothing of the recording between these two points",
  });
  expect(await readdir(app.folderOf("cam", ""))).toEqual([id]);
});

test("a clip of one track over a change of container has no file, and plays all the same", async () => {
  await using app = await startTestApp();
  const publisher = await SocketPublisher.connect(app.url, "cam");
  await publisher.send(media);
  await publisher.send(clips["VP8 and Opus in WebM"](4));
  await publisher.end();
  const { id } = await finishedOn(app.url, "cam");
  const made = await makeClip(app.url, id, { fromMs: 0, toMs: 60_000 });
  expect(made.links.mp4).toBeNull();
  expect((await fetch(`${app.url}/recordings/${made.id}/seekable`)).status).toBe(404);
  expect(existsSync(join(app.folderOf("cam", made.id), "seekable.mp4"))).toBe(false);
  const segments = (await readHls(`${app.url}${made.links.hls}`)).get("video0")?.segments ?? [];
  expect(segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
  const mpd = await fetchText(`${app.url}${made.links.dash}`);
  expect(mpd.match(/<Period /g)).toHaveLength(2);
});

test("only the newest recordings of a channel are kept, as many as the settings or the channel say; that is told", async () => {
  await using app = await startTestApp({ MILLRACE_KEEP_COUNT: "2" });
  using events = await EventSource.connect(app.url, "?types=recording.deleted");
  const body = JSON.stringify({ name: "one", keepCount: 1 });
  const made = await fetch(`${app.url}/api/v1/channels`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  expect(made.status).toBe(201);
  const short = clips["VP8 and Opus in WebM"](1);
  const of = async (channel: string) =>
    recordingList.parse(JSON.parse(await fetchText(`${app.url}/api/v1/recordings?channel=${channel}`))).items;
  for (const [channel, kept] of [
    ["one", 1],
    ["two", 2],
  ] as const) {
    for (let count = 0; count < 3; count++) await publishHttp(app.url, channel, short);
    await eventually(`${channel} has ${kept}`, async () => (await of(channel)).length === kept);
  }
  await eventually("all are told of", () => events.heard.length === 3);
  expect(events.heard.map(({ channel, data }) => [channel, data])).toEqual([
    ["one", { reason: "its channel keeps 1" }],
    ["one", { reason: "its channel keeps 1" }],
    ["two", { reason: "its channel keeps 2" }],
  ]);
});
