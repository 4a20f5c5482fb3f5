import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { collect } from "../helpers/bytes.ts";
import { clips } from "../helpers/clips.ts";
import { FramesPublisher, FramesViewer } from "../helpers/frames.ts";
import { type ImageKind, imageKinds, makeImages, prefixed } from "../helpers/images.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { LiveViewer } from "../helpers/live-viewer.ts";
import { probePackets } from "../helpers/media-ffmpeg.ts";
import { finishedOn, liveOn, readyOn, recordings, seekableIn, startMillrace } from "../helpers/millrace.ts";
import { fetchText, readRecording, secondsOf } from "../helpers/playlists.ts";
import { ffmpegsBelow } from "../helpers/processes.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";
import { glance } from "../helpers/watching.ts";

const LIMIT_MS = 30_000;
const PRODUCER = "scripts/publish/send-frames.mjs";

const site = oneForAll(() => startSite({ MILLRACE_FRAMES_PORT: "0" }));

const address = () => new URL(site().framesUrl).host;

/** The sample producer, as a user starts it. */
function produce(...options: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PRODUCER, "--to", address(), ...options], { stdio: ["pipe", "inherit", "inherit"] });
}

/** Times in seconds of the resync points or appends that an index tells of. */
async function indexed(folder: string, letter: "a" | "r"): Promise<number[]> {
  const index = await readFile(join(folder, "index"), "utf8");
  const seconds = [...index.matchAll(new RegExp(`^${letter} \\d+ ([\\d.]+)`, "gm"))].map(([, time]) => Number(time));
  return letter === "a" ? seconds.map((ms) => ms / 1000) : seconds;
}

/** The presentation times of all pictures of a recording, in seconds. */
async function played(id: string): Promise<number[]> {
  const playlist = (await readRecording(site().url, id)).get("video0");
  const url = playlist?.url ?? "";
  const init = new URL(/EXT-X-MAP:URI="([^"]+)"/.exec(await fetchText(url))?.[1] ?? "", url).href;
  const bytes = async (uri: string) => new Uint8Array(await (await fetch(uri)).arrayBuffer());
  const segments = await Promise.all((playlist?.segments ?? []).map(({ uri }) => bytes(uri)));
  const packets = probePackets("mp4", Buffer.concat([await bytes(init), ...segments]));
  return packets.map(({ time }) => time).toSorted((a, b) => a - b);
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

/** Sends images, each so many ms after the one before. */
async function send(publisher: FramesPublisher, images: readonly Buffer[], waits: (index: number) => number) {
  for (const [index, image] of images.entries()) {
    publisher.send(image);
    await sleep(waits(index));
  }
}

describe("the sample producer", () => {
  test("is seen as images, over the socket, HLS and DASH, and kept", async () => {
    const producer = produce("--fps", "60", "--size", "640x360", "--seconds", "9");
    const broadcast = await readyOn(site().url, "frames");
    expect(broadcast).toMatchObject({
      container: "frames",
      source: [{ kind: "video", codec: "mjpeg", width: 640, height: 360 }],
      notices: [],
    });
    const viewer = await FramesViewer.connect(site().url, "frames");
    const live = await LiveViewer.connect(site().url, "frames");
    await viewer.gets(30);
    const { video } = await live.hears("tracks");
    await live.gets(video ?? -1, 30);
    expect(await fetchText(`${site().url}/live/frames/master.m3u8`)).toContain("RESOLUTION=640x360");
    expect(await fetchText(`${site().url}/live/frames/manifest.mpd`)).toContain('type="dynamic"');
    expect(await once(producer, "exit")).toEqual([0, null]);
    expect(await viewer.ended).toMatchObject({ code: 1000 });

    const { id, bytes } = await finishedOn(site().url, "frames");
    const archive = await readFile(join(site().folderOf("frames", id), "source.frames"));
    expect(archive.byteLength).toBe(bytes);
    // What the viewer saw are the archive's last images, byte for byte.
    const seen = Buffer.concat(viewer.images.map((image) => prefixed(image)));
    expect(archive.subarray(archive.byteLength - seen.byteLength).equals(seen)).toBe(true);
    expect(await indexed(site().folderOf("frames", id), "a")).toHaveLength(540);
  });

  test("passes on what FFmpeg pipes to it, of any kind", async () => {
    for (const kind of imageKinds) {
      const images = makeImages(kind, 30);
      const producer = produce("--stdin", "--channel", `piped-${kind}`);
      producer.stdin?.end(Buffer.concat(images));
      expect(await once(producer, "exit")).toEqual([0, null]);
      const { id } = await finishedOn(site().url, `piped-${kind}`);
      const archive = await readFile(join(site().folderOf(`piped-${kind}`, id), "source.frames"));
      expect(archive.equals(Buffer.concat(images.map((image) => prefixed(image))))).toBe(true);
    }
  });

  test("says when nobody takes its images", async () => {
    const taken = await FramesPublisher.connect(site().framesUrl);
    taken.send('{"channel":"taken"}', ...makeImages("jpeg", 1));
    await until({ what: "for taken", limitMs: LIMIT_MS }, () =>
      liveOn(site().url, "taken").then((on) => on ?? undefined),
    );
    const producer = spawn(process.execPath, [PRODUCER, "--to", address(), "--channel", "taken"]);
    const words = collect(producer.stderr);
    expect(await once(producer, "exit")).toEqual([1, null]);
    expect(String(await words)).toContain("the server closed the connection");
    await taken.end();
  });
});

describe("the times of images", () => {
  const waits = (index: number) => [20, 120, 40, 300, 60][index % 5] ?? 0;

  test.each(imageKinds)(
    "of %s are kept in HLS and its recording, and the archive can be sent again with them",
    async (kind: ImageKind) => {
      const channel = `timed-${kind}`;
      const publisher = await FramesPublisher.connect(site().framesUrl);
      publisher.send(JSON.stringify({ channel }));
      await send(publisher, makeImages(kind, 40), waits);
      await publisher.end();
      const { id } = await finishedOn(site().url, channel);
      const folder = site().folderOf(channel, id);
      const arrived = gaps(await indexed(folder, "a"));
      const places = gaps(await indexed(folder, "r"));
      expect(places).toHaveLength(39);
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      // Timers are late at times, never early.
      expect(sum(places)).toBeGreaterThan(sum(places.map((_, index) => waits(index))) / 1000 - 0.3);
      for (const [index, gap] of arrived.entries()) {
        // With the first one the files are made.
        if (index > 0) expect(Math.abs((places[index] ?? 0) - gap)).toBeLessThan(0.03);
      }
      const shown = gaps(await played(id));
      expect(shown).toHaveLength(39);
      for (const [index, gap] of shown.entries()) expect(Math.abs(gap - (places[index] ?? 0))).toBeLessThan(0.0015);
      await seekableIn(folder, "mkv");

      const producer = produce("--file", join(folder, "source.frames"), "--channel", `${channel}-again`);
      expect(await once(producer, "exit")).toEqual([0, null]);
      const again = await finishedOn(site().url, `${channel}-again`);
      const copy = site().folderOf(`${channel}-again`, again.id);
      expect((await readFile(join(copy, "source.frames"))).equals(await readFile(join(folder, "source.frames")))).toBe(
        true,
      );
      const repeated = gaps(await indexed(copy, "a"));
      expect(Math.abs(sum(repeated) - sum(arrived))).toBeLessThan(0.5);
    },
  );
});

describe("a broadcast of images", () => {
  test("goes on when its kind and size change, and when its encoder dies", async () => {
    const publisher = await FramesPublisher.connect(site().framesUrl);
    publisher.send('{"channel":"changing"}');
    const viewer = await FramesViewer.connect(site().url, "changing", "?wait=1");
    await send(publisher, makeImages("jpeg", 60), () => 50);
    await readyOn(site().url, "changing");
    await send(publisher, makeImages("png", 60, "320x180"), () => 50);
    for (const pid of ffmpegsBelow(site().process.pid)) process.kill(pid, "SIGKILL");
    await send(publisher, makeImages("png", 60, "320x180"), () => 50);
    await viewer.gets(180);
    await publisher.end();
    const { id, durationMs } = await finishedOn(site().url, "changing");
    const playlist = (await readRecording(site().url, id)).get("video0");
    const seconds = secondsOf(playlist ?? { segments: [] });
    expect(durationMs ?? 0).toBeGreaterThan(8_800);
    expect(Math.abs(seconds - (durationMs ?? 0) / 1000)).toBeLessThan(1);
    expect(playlist?.segments.filter(({ discontinuity }) => discontinuity).length).toBeGreaterThanOrEqual(1);
    await viewer.leave();
  });

  test("that a crash of the server cut off is finished by the next one", async () => {
    await using first = await startMillrace({ MILLRACE_FRAMES_PORT: "0" });
    const publisher = await FramesPublisher.connect(first.framesUrl);
    await send(publisher, makeImages("jpeg", 100), () => 50);
    await first.kill();
    await using next = await first.again();
    const { id } = await until({ what: "for the recording", limitMs: LIMIT_MS }, async () =>
      (await recordings(next.url)).find(({ state, endedAt }) => state === "interrupted" && endedAt !== null),
    );
    const playlist = (await readRecording(next.url, id)).get("video0");
    const seconds = secondsOf(playlist ?? { segments: [] });
    // A second of times may not have reached the disk.
    expect(seconds).toBeGreaterThan(3);
    expect(seconds).toBeLessThan(6);
  });
});

describe("the watch page", () => {
  test("shows the images as often as they come, and says when they end", async () => {
    const producer = produce("--channel", "page", "--fps", "60", "--size", "480x270", "--seconds", "18");
    await readyOn(site().url, "page");
    const page = await site().watch("page", "frames");
    const state = () =>
      page.evaluate(() => {
        const video = document.querySelector("video");
        const status = document.querySelector("#status");
        return {
          delivery: status instanceof HTMLElement ? status.dataset.delivery : undefined,
          size: [video?.videoWidth, video?.videoHeight],
          shape: (video?.clientWidth ?? 0) / (video?.clientHeight ?? 1),
          pictures: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
          seconds: performance.now() / 1000,
        };
      });
    const before = await state();
    expect(before).toMatchObject({ delivery: "frames", size: [480, 270] });
    expect(before.shape).toBeCloseTo(16 / 9, 2);
    // More than the 25 that a fixed rate would give, as soon as the machine has time for it.
    let [last, rate] = [before, 0];
    await until({ what: "for more than 30 pictures a second", limitMs: LIMIT_MS, everyMs: 2_000 }, async () => {
      const now = await state();
      rate = (now.pictures - last.pictures) / (now.seconds - last.seconds);
      last = now;
      return rate > 30 || undefined;
    });
    process.stdout.write(`the watch page shows ${rate.toFixed(1)} of 60 images a second\n`);
    await once(producer, "exit");
    await reachState(page, "ended", LIMIT_MS);
    expect(await page.textContent("#curtain-text")).toContain("has ended");
  });

  test("plays them as video over the socket, HLS and DASH", async () => {
    const producer = produce("--channel", "everywhere", "--fps", "30", "--size", "480x270");
    await readyOn(site().url, "everywhere");
    for (const delivery of ["socket", "hls", "dash"]) {
      const page = await site().watch("everywhere", delivery);
      const before = await glance(page);
      expect([delivery, before.width, before.height]).toEqual([delivery, 480, 270]);
      expect(await page.getAttribute("#status", "data-delivery")).toBe(delivery);
      await until({ what: `for the picture over ${delivery} to go on`, limitMs: LIMIT_MS }, async () => {
        const now = await glance(page);
        return (now.pictures > before.pictures + 20 && now.seconds > before.seconds + 1) || undefined;
      });
      await page.close();
    }
    producer.kill();
    await once(producer, "exit");
  });

  test("says when a channel has no images", async () => {
    const clip = clips["VP8 and Opus in WebM"](6);
    const publisher = await SocketPublisher.connect(site().url, "video");
    const sending = publisher.send(clip, { seconds: 6 });
    await readyOn(site().url, "video");
    const page = await site().open("/watch/video?delivery=frames");
    await reachState(page, "error", LIMIT_MS);
    expect(await page.textContent("#curtain-text")).toContain("no image frames");
    await sending;
    await publisher.end();
  });
});
