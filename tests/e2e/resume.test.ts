import { describe, expect, test } from "@jest/globals";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { TcpProxy } from "../../scripts/publish/tcp-proxy.ts";
import { Scope } from "../../server/core/scope.ts";
import { CapturePage, type Digest, type Recorded } from "../helpers/capture-page.ts";
import { oneForAll, oneForEach } from "../helpers/lifetime.ts";
import { ffprobe, finishedOn, liveOn, type Millrace, recordings, sha256, startMillrace } from "../helpers/millrace.ts";
import { startSite } from "../helpers/site.ts";
import { plays } from "../helpers/watching.ts";

const LIMIT_MS = 30_000;

const site = oneForAll(startSite);
/** What pages have their connections through. */
const proxy = oneForEach(() => TcpProxy.start(site().url));

const live = (channel: string, query?: string, padding?: number) =>
  CapturePage.live(site(), proxy().url, {
    channel,
    ...(query === undefined ? {} : { query }),
    ...(padding === undefined ? {} : { padding }),
  });

/** What the newest recording of a channel has in its archive. */
async function archiveOf(channel: string, url: string): Promise<Digest> {
  const { id } = await finishedOn(url, channel);
  const answer = await fetch(`${url}/recordings/${id}/source`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes: bytes.byteLength, sha256: sha256(bytes) };
}

/** The channel has one recording, and its archive is what the page recorded, byte for byte. */
async function expectWhole(channel: string, { bytes, sha256 }: Recorded, url = site().url): Promise<void> {
  expect(await archiveOf(channel, url)).toEqual({ bytes, sha256 });
  expect((await recordings(url)).filter((recording) => recording.channel === channel)).toHaveLength(1);
}

/** Seconds between the two pictures of a recording that are farthest apart. */
async function longestGap(channel: string): Promise<number> {
  const { id } = await finishedOn(site().url, channel);
  const entries = ["-select_streams", "v", "-show_entries", "packet=pts_time"];
  const { packets } = ffprobe(`${site().url}/recordings/${id}/source`, entries) as {
    packets: { pts_time: string }[];
  };
  const times = packets.map((packet) => Number(packet.pts_time)).toSorted((a, b) => a - b);
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}

/** Runs in the page: how many files it has in the browser's origin-private file system. */
async function countFiles(): Promise<number> {
  let files = 0;
  const waiting = [await navigator.storage.getDirectory()];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for await (const entry of next.values()) {
      if (entry instanceof FileSystemDirectoryHandle) waiting.push(entry);
      else files++;
    }
  }
  return files;
}

/** Waits until the server has ended the channel's broadcast: until then it is live, though it waits. */
async function endedOn({ url }: Millrace, channel: string): Promise<void> {
  await until({ what: "for the server to give the publisher up", limitMs: LIMIT_MS }, async () =>
    (await liveOn(url, channel)) === null ? true : undefined,
  );
}

describe("a page whose network goes away", () => {
  test("comes back by itself each time: nothing is missing, nothing is there twice, viewers go on", async () => {
    const publisher = await live("network");
    const viewer = await site().watch("network", "hls");
    // Reset, three times in a row, with a moment without any network.
    for (let time = 0; time < 3; time++) {
      proxy().isDown = true;
      proxy().cut();
      await publisher.reach("reconnecting");
      await publisher.says("#status", /^Reconnecting, [1-9] s kept$/);
      proxy().isDown = false;
      await publisher.reach("live");
      await publisher.caughtUp();
    }
    // Silent: nobody is told that nothing comes through any more. The change of network is.
    proxy().isSilent = true;
    await publisher.page.evaluate(() => dispatchEvent(new Event("online")));
    await publisher.reach("reconnecting");
    proxy().isSilent = false;
    await publisher.reach("live");
    await publisher.caughtUp();
    await plays(viewer, 3);
    await viewer.close();

    const recorded = await publisher.stop();
    expect(recorded.containers).toHaveLength(1);
    await expectWhole("network", recorded);
    // 20 frames a second without a hole: what was recorded meanwhile is there, too.
    expect(await longestGap("network")).toBeLessThan(1);
  });

  test("keeps on the disk what does not fit into memory, and delivers all of it", async () => {
    const publisher = await live("disk", "source=testcard", 12_000_000);
    proxy().isDown = true;
    proxy().cut();
    await publisher.says("#queued", /[6-9]\d(\.\d)? MB$/);
    expect(await publisher.page.evaluate(countFiles)).toBeGreaterThan(2);
    proxy().isDown = false;
    await publisher.reach("live");
    await expectWhole("disk", await publisher.stop());
  });

  test("and is loaded again meanwhile goes on with its broadcast", async () => {
    const { page } = await live("reloaded");
    await until({ what: "for the archive", limitMs: LIMIT_MS }, async () => {
      const [recording] = await recordings(site().url);
      return (recording?.channel === "reloaded" && recording.bytes > 10_000) || undefined;
    });
    proxy().isDown = true;
    proxy().cut();
    await reachState(page, "reconnecting", LIMIT_MS);
    // The page that goes has no connection to say so; the one that comes has to load.
    await page.goto("about:blank");
    proxy().isDown = false;
    await page.goBack();
    await reachState(page, "live", LIMIT_MS);
    await page.click("#stop");
    await reachState(page, "ended", LIMIT_MS);
    await finishedOn(site().url, "reloaded");
    expect((await recordings(site().url)).filter(({ channel }) => channel === "reloaded")).toHaveLength(1);
    await page.close();
  });
});

test("a page on a line that is too slow says so and sends less, and loses nothing", async () => {
  const publisher = await live("slow", "source=testcard&kbps=2500");
  proxy().uploadLimit = 30_000;
  await publisher.says("#warning", /too slow for 2500 kbit\/s: \d+ kbit\/s are sent now|not even with 150/);
  proxy().uploadLimit = Number.POSITIVE_INFINITY;
  await publisher.caughtUp();
  const recorded = await publisher.stop();
  expect(recorded.containers.length).toBeGreaterThan(1);
  await expectWhole("slow", recorded);
});

test("a page survives that its server is stopped, and that it is killed: one broadcast, one recording", async () => {
  await using lives = new Scope();
  let server = lives.use(await startMillrace());
  const lead = () => {
    proxy().target = Number(new URL(server.url).port);
  };
  const startAgain = async () => {
    server = lives.use(await server.again());
    lead();
  };
  lead();
  const publisher = await live("restarts");
  await publisher.caughtUp();
  expect(await server.process.stop()).toBe(0);
  await publisher.says("#status", /^Reconnecting, \d+ s kept$/);
  await startAgain();
  await publisher.reach("live");
  await publisher.caughtUp();

  await server.kill();
  await publisher.reach("reconnecting");
  await startAgain();
  await publisher.reach("live");
  await publisher.caughtUp();
  await expectWhole("restarts", await publisher.stop(), server.url);
});

test("a page that was away for longer than the server waits is live again in a new broadcast", async () => {
  await using server = await startMillrace({ MILLRACE_RESUME_SECONDS: "1" });
  proxy().target = Number(new URL(server.url).port);
  const publisher = await live("late");
  await publisher.caughtUp();
  proxy().isDown = true;
  proxy().cut();
  await endedOn(server, "late");
  proxy().isDown = false;
  await publisher.says("#notes", /this is a new one/);
  await publisher.reach("live");
  await publisher.caughtUp();
  const recorded = await publisher.stop();
  await finishedOn(server.url, "late");
  expect(await recordings(server.url)).toHaveLength(2);
  const [, container] = recorded.containers;
  expect(await archiveOf("late", server.url)).toEqual(container);
});

describe("a camera that goes away in mid-broadcast", () => {
  test("is opened again, or a still picture takes its place until it is back; viewers go on", async () => {
    const publisher = await live("camera", "source=camera");
    const { page } = publisher;
    const viewer = await site().watch("camera", "hls");
    const unplug = () =>
      page.$eval("#preview", (element) => {
        const [track] = ((element as HTMLVideoElement).srcObject as MediaStream).getVideoTracks();
        track?.stop();
        track?.dispatchEvent(new Event("ended"));
      });
    await unplug();
    await publisher.says("#notes", /The camera was away for a moment/);

    // Now there is none any more, until it is plugged in again.
    await page.evaluate(() => {
      const devices = navigator.mediaDevices;
      const open = devices.getUserMedia.bind(devices);
      devices.getUserMedia = () => Promise.reject(new DOMException("gone", "NotFoundError"));
      Reflect.set(globalThis, "plugIn", () => {
        devices.getUserMedia = open;
        devices.dispatchEvent(new Event("devicechange"));
      });
    });
    await unplug();
    await publisher.says("#notes", /Viewers see a still picture/);
    await publisher.caughtUp();
    await page.evaluate(() => Reflect.get(globalThis, "plugIn")());
    await until({ what: "for the camera to be back", limitMs: LIMIT_MS }, async () =>
      (await page.innerText("#notes")) === "" ? true : undefined,
    );
    await plays(viewer, 5);

    // And the person changes to the test card.
    await page.check('input[name="source"][value="testcard"]');
    await plays(viewer, 5);
    await viewer.close();
    const recorded = await publisher.stop();
    expect(recorded.containers).toHaveLength(5);
    await expectWhole("camera", recorded);
  });
});
