import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { until } from "../../scripts/example/until.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { LiveViewer } from "../helpers/live-viewer.ts";
import {
  ffprobe,
  finishedOn,
  liveOn,
  readyOn,
  recordings,
  seekableIn,
  sha256,
  startMillrace,
} from "../helpers/millrace.ts";
import { readRecording, secondsOf } from "../helpers/playlists.ts";
import { ffmpegsBelow } from "../helpers/processes.ts";
import { publishRtmp, RtmpPublisher, rtmpSources } from "../helpers/rtmp.ts";
import { startSite } from "../helpers/site.ts";
import { plays } from "../helpers/watching.ts";

const LIMIT_MS = 30_000;

const site = oneForAll(() => startSite({ MILLRACE_RTMP_PORT: "0" }));

describe("what FFmpeg publishes", () => {
  test("plays over the socket, HLS and DASH, passed through, and is kept", async () => {
    await using publisher = new RtmpPublisher(`${site().rtmpUrl}/live/show`, rtmpSources.both);
    const { source, renditions, container, notices } = await readyOn(site().url, "show");
    expect(container).toBe("flv");
    expect(source).toEqual([
      { kind: "video", codec: "h264", width: 160, height: 90 },
      { kind: "audio", codec: "aac" },
    ]);
    expect(renditions.map(({ kind }) => kind)).toEqual(["video", "audio"]);
    expect(notices).toEqual([]);
    for (const delivery of ["socket", "hls", "dash"]) {
      const page = await site().watch("show", delivery);
      await plays(page, 3);
      expect(await page.getAttribute("#status", "data-delivery")).toBe(delivery);
      await page.close();
    }
    await publisher.end();
    const { id, bytes } = await finishedOn(site().url, "show");
    const folder = site().folderOf("show", id);
    expect(ffprobe(join(folder, "source.flv"), ["-show_entries", "stream=codec_name"])).toMatchObject({
      streams: [{ codec_name: "h264" }, { codec_name: "aac" }],
    });
    const kept = await fetch(`${site().url}/recordings/${id}/source`);
    expect(kept.headers.get("content-type")).toBe("video/x-flv");
    const archive = new Uint8Array(await kept.arrayBuffer());
    expect([archive.byteLength, sha256(archive)]).toEqual([bytes, sha256(join(folder, "source.flv"))]);
    await seekableIn(folder, "mp4");
  });

  test.each([
    ["videoOnly", ["video0"]],
    ["audioOnly", ["audio0"]],
    ["mp3", ["video0", "audio0"]],
  ] as const)("%s can be watched, all of it", async (source, tracks) => {
    await publishRtmp(`${site().rtmpUrl}/${source}/key`, rtmpSources[source], 5).ended;
    const { id } = await finishedOn(site().url, source);
    const playlists = await readRecording(site().url, id);
    expect([...playlists.keys()].toSorted()).toEqual(tracks.toSorted());
    for (const playlist of playlists.values()) expect(secondsOf(playlist)).toBeCloseTo(5, 0);
  });

  test("goes on without a gap when the encoder dies", async () => {
    await using publisher = new RtmpPublisher(`${site().rtmpUrl}/live/again`, rtmpSources.both);
    await readyOn(site().url, "again");
    const encoders = ffmpegsBelow(site().process.pid);
    expect(encoders).toHaveLength(1);
    for (const pid of encoders) process.kill(pid, "SIGKILL");
    const told = await until({ what: "for a notice", limitMs: LIMIT_MS }, async () => {
      return (await liveOn(site().url, "again"))?.notices.find(({ text }) => text.includes("started again"));
    });
    expect(told).toBeDefined();
    const viewer = await LiveViewer.connect(site().url, "again");
    const { tracks } = await viewer.hears("tracks");
    const video = tracks.find(({ kind }) => kind === "video")?.index ?? -1;
    const { length } = viewer.chunksOf(video);
    await viewer.gets(video, length + 60);
    await viewer.leave();
    await publisher.end();
    const { id, durationMs } = await finishedOn(site().url, "again");
    for (const playlist of (await readRecording(site().url, id)).values()) {
      expect(Math.abs(secondsOf(playlist) - (durationMs ?? 0) / 1000)).toBeLessThan(0.5);
    }
  });

  test("without a goodbye ends the broadcast, and the next one takes over", async () => {
    await using first = new RtmpPublisher(`${site().rtmpUrl}/live/killed`, rtmpSources.both);
    const { id } = await readyOn(site().url, "killed");
    first.child.kill("SIGKILL");
    expect((await finishedOn(site().url, "killed")).id).toBe(id);
    await using second = new RtmpPublisher(`${site().rtmpUrl}/live/killed`, rtmpSources.both);
    expect((await readyOn(site().url, "killed")).id).not.toBe(id);
    const third = await publishRtmp(`${site().rtmpUrl}/live/killed`, rtmpSources.both, 3).ended;
    expect(third.words).toContain("Server error:");
    await second.end();
  });
});

test("what came before the server was killed is a recording after its next start", async () => {
  await using first = await startMillrace({ MILLRACE_RTMP_PORT: "0" });
  await using publisher = new RtmpPublisher(`${first.rtmpUrl}/live/crash`, rtmpSources.both);
  await until({ what: "for three seconds", limitMs: LIMIT_MS }, async () => {
    return ((await liveOn(first.url, "crash"))?.bytes ?? 0) > 60_000 || undefined;
  });
  await first.kill();
  expect((await publisher.ended).code).not.toBe(0);
  await using second = await first.again();
  const recording = await until({ what: "for the recording", limitMs: LIMIT_MS }, async () => {
    const [found] = await recordings(second.url);
    return found?.state === "interrupted" && found.durationMs !== null ? found : undefined;
  });
  const { durationMs, id } = recording;
  for (const playlist of (await readRecording(second.url, id)).values()) {
    expect(Math.abs(secondsOf(playlist) - (durationMs ?? 0) / 1000)).toBeLessThan(0.5);
  }
});

test("a picture reaches the socket's viewer within half a second of FFmpeg's encoder", async () => {
  // Every picture's time is that of the clock on the wall when it goes into the encoder.
  const startMs = Math.floor(Date.now() / 1000) * 1000;
  const stamped = [
    ...["-re", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30"],
    ...["-vf", `settb=1/1000,setpts=(RTCTIME-${startMs}000)/1000`],
    ...["-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-copyts"],
    ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", "30"],
  ];
  await using publisher = new RtmpPublisher(`${site().rtmpUrl}/live/clock`, stamped);
  await readyOn(site().url, "clock");
  const viewer = await LiveViewer.connect(site().url, "clock");
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
});
