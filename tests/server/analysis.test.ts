import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { until } from "../../scripts/example/until.ts";
import { ResumablePublisher } from "../../scripts/publish/resumable-publisher.ts";
import { type AnalysisEventList, analysisEventList } from "../../server/protocol/analysis.ts";
import { LIVE_SUBPROTOCOL, liveServerMessage } from "../../server/protocol/live.ts";
import { startTestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { FramesPublisher } from "../helpers/frames.ts";
import { makeImages } from "../helpers/images.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { makeMedia } from "../helpers/media-ffmpeg.ts";
import { finishedOn, liveOn } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { publishRtmp } from "../helpers/rtmp.ts";
import { scenes } from "../helpers/scenes.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

/** Waits longer than most tests: threads that begin from the sources take seconds on a busy machine. */
function eventually(what: string, holds: () => Promise<boolean>): Promise<true> {
  return until({ what: `until ${what}`, limitMs: 45_000 }, async () => ((await holds()) ? true : undefined));
}

/** Tells of every frame that it gets. */
const COUNTING = `
  let count = 0;
  export function analyze({ width, height, planes }) {
    count += 1;
    return [{ type: "frame", shape: "point", data: { count, width, height, whole: planes.v.length === width * height / 4 } }];
  }
`;

const folder = oneForAll(tempFolder);
const app = oneForAll(async () => {
  const module = join(folder().path, "counting.mjs");
  await writeFile(module, COUNTING);
  return startTestApp({
    MILLRACE_ANALYSIS_MODULE: module,
    MILLRACE_ANALYSIS_FPS: "all",
    MILLRACE_RTMP_PORT: "0",
    MILLRACE_FRAMES_PORT: "0",
  });
});

async function replayed(url: string, id: string): Promise<AnalysisEventList["items"]> {
  const response = await fetch(`${url}/recordings/${id}/events.json`);
  return analysisEventList.parse(await response.json()).items;
}

const h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-pix_fmt", "yuv420p"];
const known: Readonly<Record<string, () => Buffer>> = {
  "VP8 in WebM": () => clips["VP8 and Opus in WebM"](2),
  "VP9 in WebM": () => clips["VP9 in WebM"](2),
  "H.264 in Matroska": () => clips["video only"](2),
  "H.264 with B-frames in Matroska": () => clips["H.264 with B-frames in Matroska"](2),
  "H.264 in fragmented MP4": () => clips["H.264 and AAC in fragmented MP4"](2),
};

for (const [what, make] of Object.entries(known)) {
  test(`each of the 60 frames of ${what} is analysed once, with its own time`, async () => {
    const channel = what.replaceAll(/\W/g, "-");
    await publishHttp(app().url, channel, make());
    const { id } = await finishedOn(app().url, channel);
    await expectFrames(id, 60, 320, 180);
  });
}

test("each of the 60 frames of H.264 in FLV over RTMP is analysed once", async () => {
  const source = ["-re", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=30", ...h264, "-bf", "0", "-frames:v", "60"];
  const { code } = await publishRtmp(`${app().rtmpUrl}/live/flv`, source, 10).ended;
  expect(code).toBe(0);
  const { id } = await finishedOn(app().url, "flv");
  await expectFrames(id, 60, 320, 180);
});

test("each of ten image frames is analysed once", async () => {
  const publisher = await FramesPublisher.connect(app().framesUrl);
  publisher.send(...makeImages("jpeg", 10));
  await publisher.end();
  const { id } = await finishedOn(app().url, "frames");
  await expectFrames(id, 10, 320, 180);
});

async function expectFrames(id: string, count: number, width: number, height: number): Promise<void> {
  const events = await replayed(app().url, id);
  expect(events.map(({ data }) => data)).toEqual(
    Array.from({ length: count }, (_, at) => ({ count: at + 1, width, height, whole: true })),
  );
  expect(new Set(events.map(({ startMs }) => startMs)).size).toBe(count);
  const places = events.map(({ placeSeconds = -1 }) => placeSeconds);
  expect(places[0]).toBe(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
}

test("what is seen and heard is told on the media clock: live, in playlist and manifest, on the socket, in the recording", async () => {
  await using server = await startTestApp({ MILLRACE_ANALYSIS: "black,freeze,scene,silence,loudness" });
  const told: string[] = [];
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/live/show/socket?wait=1`, LIVE_SUBPROTOCOL);
  socket.on("message", (data, isBinary) => {
    const message = isBinary ? undefined : liveServerMessage.parse(JSON.parse(String(data)));
    if (message?.type === "event") told.push(`${message.event.type} ${message.event.durationMs ?? "begins"}`);
  });
  const publisher = await SocketPublisher.connect(server.url, "show");
  const clip = scenes();
  await publisher.send(clip);
  const live = `${server.url}/live/show`;
  await eventually("the last event is there", async () =>
    (await (await fetch(`${live}/events.json`)).text()).includes('"freeze"'),
  );
  const { id = "" } = (await liveOn(server.url, "show")) ?? {};
  const black =
    /DATERANGE:ID="analysis-\d+",CLASS="live\.millrace\.analysis\.black",START-DATE="([^"]+)",DURATION=([\d.]+)/;
  await eventually("the playlist tells of all of it", async () =>
    black.test(await (await fetch(`${live}/${id}/video0/playlist.m3u8`)).text()),
  );
  const playlist = await (await fetch(`${live}/${id}/video0/playlist.m3u8`)).text();
  const manifest = await (await fetch(`${live}/manifest.mpd`)).text();
  await publisher.end();
  await finishedOn(server.url, "show");
  socket.terminate();

  const items = await replayed(server.url, id);
  const marks = items
    .filter(({ shape }) => shape !== "sample")
    .toSorted((a, b) => a.type.localeCompare(b.type) || a.startMs - b.startMs);
  // Five pictures a second are looked at: what begins between two is seen at the second.
  const facts = marks.map(({ type, placeSeconds = 0, durationMs }) => [type, placeSeconds, (durationMs ?? -1) / 1000]);
  const within = (from: number, to: number) => expect.closeTo((from + to) / 2, -Math.log10(to - from));
  expect(facts).toEqual([
    ["black", within(2, 2.21), within(2.79, 3.21)],
    ["freeze", within(2, 2.21), within(2.79, 3.21)],
    ["freeze", within(5, 5.21), within(2.5, 3)],
    ["scene", within(2, 2.21), 0],
    ["scene", within(5, 5.21), 0],
    ["silence", within(4, 4.06), within(3.8, 4.1)],
  ]);
  expect(items.filter(({ type }) => type === "loudness").length).toBeGreaterThanOrEqual(6);
  expect(told).toContain("black begins");
  expect(told.some((text) => /^black [23]\d{3}$/.test(text))).toBe(true);

  // The date of an event lies in the segment that has its moment.
  const [, date = "", length = ""] = black.exec(playlist) ?? [];
  const [, begin = ""] = /PROGRAM-DATE-TIME:(.+)/.exec(playlist) ?? [];
  expect((Date.parse(date) - Date.parse(begin)) / 1000).toBeCloseTo(2, 0);
  expect(Number(length)).toBeCloseTo(3, 0);
  expect(manifest).toMatch(
    /<Event id="\d+" presentationTime="\d+" duration="\d+">\{&quot;type&quot;:&quot;black&quot;/,
  );
  expect(await readdir(server.folderOf("show", id))).not.toContain("events.jsonl");
});

test("what is published faster than it is looked at is looked at whole", async () => {
  await using server = await startTestApp({ MILLRACE_ANALYSIS: "black" });
  await publishHttp(server.url, "quick", scenes(6));
  const { id } = await finishedOn(server.url, "quick");
  expect((await replayed(server.url, id)).map(({ placeSeconds = 0 }) => Math.floor(placeSeconds))).toEqual([
    2, 10, 18, 26, 34, 42,
  ]);
});

test("after a restart of the server ids go on, and the recording has what was seen before and after", async () => {
  await using server = await startTestApp({ MILLRACE_ANALYSIS: "black,brightness" });
  const publisher = new ResumablePublisher(server.url, "resumed");
  const clip = scenes(3);
  publisher.send(clip.subarray(0, Math.floor(clip.byteLength / 2)));
  await publisher.allAcknowledged();
  await eventually(
    "something was seen",
    async () => ((await liveOn(server.url, "resumed"))?.analysis?.events ?? 0) > 3,
  );
  await server.stop();
  const place = server.folderOf("resumed", publisher.broadcast);
  expect(await readdir(place)).toContain("events.jsonl");

  await server.start();
  publisher.url = server.url;
  await eventually("it is back", async () => publisher.connections === 2);
  publisher.send(clip.subarray(publisher.produced));
  expect((await publisher.end()).code).toBe(1000);
  await finishedOn(server.url, "resumed");
  const items = await replayed(server.url, publisher.broadcast);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  expect(items.every(({ durationMs }) => durationMs !== null)).toBe(true);
  const places = items.map(({ placeSeconds = 0 }) => placeSeconds);
  expect(Math.min(...places)).toBeLessThan(4);
  expect(Math.max(...places)).toBeGreaterThan(20);
});

test("a module that hangs is given up, and the broadcast does not notice", async () => {
  await using own = await tempFolder();
  await writeFile(join(own.path, "hangs.mjs"), "export function analyze() { for (;;); }");
  await using server = await startTestApp({
    MILLRACE_ANALYSIS: "brightness",
    MILLRACE_ANALYSIS_MODULE: join(own.path, "hangs.mjs"),
  });
  const clip = makeMedia({ seconds: 6, video: h264, output: ["-f", "matroska", "-live", "1"] });
  const publisher = await SocketPublisher.connect(server.url, "calm");
  await publisher.send(clip, { pieceBytes: 2048, seconds: 6 });
  await eventually(
    "it was stopped",
    async () =>
      (await liveOn(server.url, "calm"))?.analysis?.analysers.some(
        ({ name, failure }) => name === "module" && failure !== null,
      ) === true,
  );
  const state = await liveOn(server.url, "calm");
  expect(state?.failure).toBeNull();
  expect(state?.ready).toBe(true);
  expect(state?.analysis?.analysers.find(({ name }) => name === "built-in")).toMatchObject({
    state: "running",
    failure: null,
  });
  await publisher.end();
  const { id } = await finishedOn(server.url, "calm");
  expect((await replayed(server.url, id)).map(({ type }) => type)).toContain("brightness");
  expect(existsSync(join(server.folderOf("calm", id), "master.m3u8"))).toBe(true);
});

test("without analysis there is none of it", async () => {
  await using server = await startTestApp();
  await publishHttp(server.url, "plain", clips["video only"](1));
  const { id } = await finishedOn(server.url, "plain");
  expect(await readdir(server.folderOf("plain", id))).not.toContain("events.json");
  expect((await fetch(`${server.url}/recordings/${id}/events.json`)).status).toBe(404);
});
