import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { ffprobe, finishedOn, liveOn, readyOn } from "../helpers/millrace.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";
import { plays } from "../helpers/watching.ts";

const LIMIT_MS = 30_000;

const site = oneForAll(startSite);

/** Small pictures: two cores encode, decode and test at once. */
const SMALL = "width=640&height=360&kbps=800";

async function capture(channel: string, query = ""): Promise<Page> {
  const page = await site().open(`/capture?channel=${channel}&autostart=1&${SMALL}&${query}`);
  await reachState(page, "live", LIMIT_MS);
  return page;
}

/** Waits until the page's video has moved on by `seconds`, with pictures. */
async function expectPlays(page: Page, seconds: number): Promise<void> {
  expect(await plays(page, seconds)).toBeGreaterThan(seconds * 5);
}

describe("a camera in a browser", () => {
  test("is live over HLS and DASH, keeps its bytes, and its viewers are told the end", async () => {
    const waiting = await site().open("/watch/camera?delivery=dash");
    await reachState(waiting, "offline", LIMIT_MS);
    const publisher = await capture("camera", "source=camera");
    expect(await publisher.innerText("#format")).toMatch(/H\.264|VP9|VP8/);

    // It was open before there was anything to watch, and starts by itself.
    await expectPlays(waiting, 3);
    expect(await waiting.getAttribute("#status", "data-delivery")).toBe("dash");
    const viewer = await site().open("/watch/camera?delivery=hls");
    await expectPlays(viewer, 3);
    expect(await viewer.getAttribute("#status", "data-delivery")).toBe("hls");

    await publisher.click("#stop");
    await reachState(publisher, "ended", LIMIT_MS);
    await Promise.all([viewer, waiting].map((page) => reachState(page, "ended", LIMIT_MS)));

    const { id, bytes } = await finishedOn(site().url, "camera");
    const folder = site().folderOf("camera", id);
    const source = readdirSync(folder).find((file) => file.startsWith("source.")) ?? "";
    const { streams } = ffprobe(join(folder, source), ["-show_entries", "stream=codec_type,width,height"]) as {
      streams: { codec_type: string; width?: number; height?: number }[];
    };
    expect(bytes).toBeGreaterThan(100_000);
    expect(streams.map(({ codec_type }) => codec_type).toSorted()).toEqual(["audio", "video"]);
    expect(streams.find(({ codec_type }) => codec_type === "video")).toMatchObject({ width: 640, height: 360 });

    const replay = await site().open(`/watch/recording/${id}`);
    await expectPlays(replay, 2);
    await Promise.all([waiting, publisher, viewer, replay].map((page) => page.close()));
  });

  test("without a microphone is live all the same", async () => {
    const publisher = await capture("silent", "source=camera&audio=0");
    const live = await readyOn(site().url, "silent");
    expect(live.source.map(({ kind }) => kind)).toEqual(["video"]);
    await publisher.close();
  });

  test("ends its broadcast when its page is left", async () => {
    const publisher = await capture("leaving", "source=camera");
    await until(
      { what: "for the broadcast", limitMs: LIMIT_MS },
      async () => (await liveOn(site().url, "leaving")) ?? undefined,
    );
    await publisher.goto("about:blank");
    await finishedOn(site().url, "leaving");
    expect(await liveOn(site().url, "leaving")).toBeNull();
    await publisher.close();
  });
});

describe("the capture page says in words", () => {
  test("that a channel is taken", async () => {
    const first = await SocketPublisher.connect(site().url, "taken");
    const clip = clips["VP8 and Opus in WebM"](2);
    await first.send(clip);
    const second = await site().open(`/capture?channel=taken&source=testcard&autostart=1&${SMALL}`);
    await reachState(second, "error", LIMIT_MS);
    expect(await second.innerText("#status")).toMatch(/The channel taken is taken/);
    await second.close();
    await first.end();
  });

  test("that the camera was refused", async () => {
    const page = await site().context.newPage();
    // Headless Chromium cannot be made to ask: what it answers to a refusal is put in its place.
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
    });
    await page.goto(`${site().url}/capture?channel=refused&source=camera&autostart=1`);
    await reachState(page, "error", LIMIT_MS);
    expect(await page.innerText("#status")).toMatch(/camera|permission|allow/i);
    await page.close();
  });
});

describe("the test card", () => {
  test("plays, and what is live and recorded is listed on the home page", async () => {
    const publisher = await capture("card", "source=testcard");
    const viewer = await site().open("/watch/card");
    await expectPlays(viewer, 2);
    // Beside the chat the bar has less room than the window has.
    for (const width of [360, 1000, 1200, 1600]) {
      await viewer.setViewportSize({ width, height: 800 });
      const [bar, button] = await Promise.all(
        ["#controls", "#fullscreen"].map((at) => viewer.locator(at).boundingBox()),
      );
      expect(edge(button)).toBeLessThanOrEqual(edge(bar));
    }
    const home = await site().open("/");
    await home.getByRole("link", { name: "card", exact: false }).first().waitFor({ timeout: LIMIT_MS });
    await publisher.click("#stop");
    const { id } = await finishedOn(site().url, "card");
    await home.locator(`a[href$="/watch/recording/${id}"]`).first().waitFor({ timeout: LIMIT_MS });
    await Promise.all([publisher, viewer, home].map((page) => page.close()));
  });

  test("goes on for viewers through a publisher whose key frames are far apart", async () => {
    const clip = clips["H.264 with 8.3 s between key frames"](25);
    const publisher = await SocketPublisher.connect(site().url, "obs");
    const sending = publisher.send(clip, { pieceBytes: 4096, seconds: 25 });
    for (const delivery of ["hls", "dash"]) {
      const viewer = await site().open(`/watch/obs?delivery=${delivery}`);
      await expectPlays(viewer, 4);
      await viewer.close();
    }
    await sending;
    await publisher.end();
  });

  test("goes on for viewers when the publisher changes to another container", async () => {
    const [vp8, h264] = [clips["VP8 and Opus in WebM"](9), clips["H.264 and Opus in Matroska"](9)];
    const publisher = await SocketPublisher.connect(site().url, "changing");
    const sending = (async () => {
      for (const clip of [vp8, h264, vp8]) await publisher.send(clip, { pieceBytes: 4096, seconds: 9 });
    })();
    await readyOn(site().url, "changing");
    const viewers = await Promise.all(
      ["hls", "dash", "dash"].map((each) => site().open(`/watch/changing?delivery=${each}`)),
    );
    // Past both changes: they come 9 s and 18 s after the start.
    await Promise.all(viewers.map((viewer) => expectPlays(viewer, 16)));
    await sending;
    await publisher.end();
    await Promise.all(viewers.map((page) => page.close()));
  });
});

/** Where a box on the page ends, in pixels from the left. */
function edge(box: { readonly x: number; readonly width: number } | null | undefined): number {
  return box == null ? Number.NaN : box.x + box.width;
}
