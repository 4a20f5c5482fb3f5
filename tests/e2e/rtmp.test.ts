import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { type ChromiumSession, startChromium } from "../../scripts/example/chromium-session.ts";
import { descendantsOf } from "../../scripts/example/processes.ts";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { LiveViewer } from "../helpers/live-viewer.ts";
import { ffprobe, finishedOn, liveOn, type Millrace, recordings, sha256, startMillrace } from "../helpers/millrace.ts";
import { readHls } from "../helpers/playlists.ts";
import { publishRtmp, RtmpPublisher, rtmpSources } from "../helpers/rtmp.ts";

const LIMIT_MS = 30_000;

let millrace: Millrace;
let chromium: ChromiumSession;
beforeAll(async () => {
  millrace = await startMillrace({ MILLRACE_RTMP_PORT: "0" });
  chromium = await startChromium();
}, 30_000);
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await millrace?.[Symbol.asyncDispose]();
}, 30_000);

const isLive = (channel: string) =>
  until({ what: `for ${channel} to be ready`, limitMs: LIMIT_MS }, async () => {
    const broadcast = await liveOn(millrace.url, channel);
    return broadcast?.ready === true ? broadcast : undefined;
  });

/** Waits until a page's video has moved on by three seconds, and says what played it. */
async function plays(page: Page): Promise<string> {
  await reachState(page, "playing", LIMIT_MS);
  const position = () =>
    page.$eval("video#player", (element) => (element instanceof HTMLVideoElement ? element.currentTime : 0));
  const start = await position();
  await until({ what: "for three seconds to be played", limitMs: LIMIT_MS }, async () => {
    return (await position()) - start >= 3 || undefined;
  });
  return page.$eval("#status", (element) => (element instanceof HTMLElement ? (element.dataset.delivery ?? "") : ""));
}

describe("what FFmpeg publishes", () => {
  test("plays over the socket, HLS and DASH, passed through, and is kept", async () => {
    await using publisher = new RtmpPublisher(`${millrace.rtmpUrl}/live/show`, rtmpSources.both);
    const { source, renditions, container, notices } = await isLive("show");
    expect(container).toBe("flv");
    expect(source).toEqual([
      { kind: "video", codec: "h264", width: 160, height: 90 },
      { kind: "audio", codec: "aac" },
    ]);
    expect(renditions.map(({ kind }) => kind)).toEqual(["video", "audio"]);
    expect(notices).toEqual([]);
    for (const delivery of ["socket", "hls", "dash"]) {
      const page = await chromium.context.newPage();
      await page.goto(`${millrace.url}/watch/show?delivery=${delivery}`);
      expect(await plays(page)).toBe(delivery);
      await page.close();
    }
    await publisher.end();
    const { id, bytes } = await finishedOn(millrace.url, "show");
    const folder = join(millrace.dataDir, "recordings/show", id);
    expect(ffprobe(join(folder, "source.flv"), ["-show_entries", "stream=codec_name"])).toMatchObject({
      streams: [{ codec_name: "h264" }, { codec_name: "aac" }],
    });
    const kept = await fetch(`${millrace.url}/recordings/${id}/source`);
    expect(kept.headers.get("content-type")).toBe("video/x-flv");
    const archive = new Uint8Array(await kept.arrayBuffer());
    expect([archive.byteLength, sha256(archive)]).toEqual([bytes, sha256(join(folder, "source.flv"))]);
    await until({ what: "for the seekable copy", limitMs: LIMIT_MS }, () => {
      return existsSync(join(folder, "seekable.mp4")) || undefined;
    });
  }, 90_000);

  test.each([
    ["videoOnly", ["video0"]],
    ["audioOnly", ["audio0"]],
    ["mp3", ["video0", "audio0"]],
  ] as const)(
    "%s can be watched, all of it",
    async (source, tracks) => {
      await publishRtmp(`${millrace.rtmpUrl}/${source}/key`, rtmpSources[source], 5).ended;
      const { id } = await finishedOn(millrace.url, source);
      const playlists = await readHls(`${millrace.url}/recordings/${id}/master.m3u8`);
      expect([...playlists.keys()].toSorted()).toEqual(tracks.toSorted());
      for (const { segments } of playlists.values()) {
        expect(segments.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(5, 0);
      }
    },
    60_000,
  );

  test("goes on without a gap when the encoder dies", async () => {
    await using publisher = new RtmpPublisher(`${millrace.rtmpUrl}/live/again`, rtmpSources.both);
    await isLive("again");
    const encoders = descendantsOf(millrace.process.pid).filter(({ name }) => name === "ffmpeg");
    expect(encoders).toHaveLength(1);
    for (const { pid } of encoders) process.kill(pid, "SIGKILL");
    const told = await until({ what: "for a notice", limitMs: LIMIT_MS }, async () => {
      return (await liveOn(millrace.url, "again"))?.notices.find(({ text }) => text.includes("started again"));
    });
    expect(told).toBeDefined();
    const viewer = await LiveViewer.connect(millrace.url, "again");
    const { tracks } = await viewer.hears("tracks");
    const video = tracks.find(({ kind }) => kind === "video")?.index ?? -1;
    const { length } = viewer.chunksOf(video);
    await viewer.gets(video, length + 60);
    await viewer.leave();
    await publisher.end();
    const { id, durationMs } = await finishedOn(millrace.url, "again");
    for (const { segments } of (await readHls(`${millrace.url}/recordings/${id}/master.m3u8`)).values()) {
      const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
      expect(Math.abs(seconds - (durationMs ?? 0) / 1000)).toBeLessThan(0.5);
    }
  }, 60_000);

  test("without a goodbye ends the broadcast, and the next one takes over", async () => {
    await using first = new RtmpPublisher(`${millrace.rtmpUrl}/live/killed`, rtmpSources.both);
    const { id } = await isLive("killed");
    first.child.kill("SIGKILL");
    expect((await finishedOn(millrace.url, "killed")).id).toBe(id);
    await using second = new RtmpPublisher(`${millrace.rtmpUrl}/live/killed`, rtmpSources.both);
    expect((await isLive("killed")).id).not.toBe(id);
    const third = await publishRtmp(`${millrace.rtmpUrl}/live/killed`, rtmpSources.both, 3).ended;
    expect(third.words).toContain("Server error:");
    await second.end();
  }, 60_000);
});

test("what came before the server was killed is a recording after its next start", async () => {
  await using first = await startMillrace({ MILLRACE_RTMP_PORT: "0" });
  await using publisher = new RtmpPublisher(`${first.rtmpUrl}/live/crash`, rtmpSources.both);
  await until({ what: "for three seconds", limitMs: LIMIT_MS }, async () => {
    return ((await liveOn(first.url, "crash"))?.bytes ?? 0) > 60_000 || undefined;
  });
  process.kill(first.process.pid, "SIGKILL");
  await first.process.exited;
  expect((await publisher.ended).code).not.toBe(0);
  await using second = await startMillrace({ MILLRACE_DATA_DIR: first.dataDir });
  const recording = await until({ what: "for the recording", limitMs: LIMIT_MS }, async () => {
    const [found] = await recordings(second.url);
    return found?.state === "interrupted" && found.durationMs !== null ? found : undefined;
  });
  const { durationMs, id } = recording;
  for (const { segments } of (await readHls(`${second.url}/recordings/${id}/master.m3u8`)).values()) {
    const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
    expect(Math.abs(seconds - (durationMs ?? 0) / 1000)).toBeLessThan(0.5);
  }
}, 60_000);

test("a picture reaches the socket's viewer within half a second of FFmpeg's encoder", async () => {
  // Every picture's time is that of the clock on the wall when it goes into the encoder.
  const startMs = Math.floor(Date.now() / 1000) * 1000;
  const stamped = [
    ...["-re", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30"],
    ...["-vf", `settb=1/1000,setpts=(RTCTIME-${startMs}000)/1000`],
    ...["-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-copyts"],
    ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", "30"],
  ];
  await using publisher = new RtmpPublisher(`${millrace.rtmpUrl}/live/clock`, stamped);
  await isLive("clock");
  const viewer = await LiveViewer.connect(millrace.url, "clock");
  const delays: number[] = [];
  let seen = 0;
  const measure = () => {
    const nowMs = Date.now();
    const chunks = viewer.records.filter(({ kind }) => kind === "chunk");
    // The encoder moves a publisher's times by one segment (see server/transcode/encoding.ts).
    for (const { time } of chunks.slice(seen)) delays.push(nowMs - startMs - (time - 2) * 1000);
    seen = chunks.length;
  };
  viewer.socket.on("message", measure);
  await until({ what: "for a hundred pictures", limitMs: LIMIT_MS }, () => delays.length >= 130 || undefined);
  await viewer.leave();
  await publisher.end();
  // The first ones were there before the viewer.
  const steady = delays.slice(30).toSorted((a, b) => a - b);
  const middle = steady[Math.floor(steady.length / 2)] ?? Number.NaN;
  process.stdout.write(`RTMP: from FFmpeg's encoder to the socket's viewer ${Math.round(middle)} ms\n`);
  expect(middle).toBeGreaterThan(0);
  expect(middle).toBeLessThan(500);
}, 60_000);
