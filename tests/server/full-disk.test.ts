import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ResumablePublisher, rawConnection } from "../../scripts/publish/resumable-publisher.ts";
import { startTestApp, type TestApp } from "../helpers/app.ts";
import { clips } from "../helpers/clips.ts";
import { eventually } from "../helpers/eventually.ts";
import { finishedOn, liveOn, readyOn, recordings } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { expectPlays } from "../helpers/replay.ts";
import { type SmallDisk, smallDisk } from "../helpers/small-disk.ts";

const clip = clips["H.264 and Opus in Matroska"](20);
const THIRD = Math.floor(clip.byteLength / 3);

const start = (disk: SmallDisk, settings: Readonly<Record<string, string>> = {}): Promise<TestApp> =>
  startTestApp({ MILLRACE_DATA_DIR: join(disk.path, "data"), MILLRACE_MIN_FREE_MB: "1", ...settings });

function placeOf(disk: SmallDisk, id: string): string {
  return join(disk.path, "data/recordings/channel", id);
}

async function watchable(app: TestApp): Promise<void> {
  await readyOn(app.url, "channel");
}

/** No file that is not whole, and none that only serves to make others. */
async function expectTidy(disk: SmallDisk, id: string): Promise<void> {
  const names = await readdir(placeOf(disk, id), { recursive: true });
  expect(names.filter((name) => /\.part$|journal/.test(name))).toEqual([]);
}

test("a disk that is full in mid-broadcast sends the publisher away, who goes on when there is room: nothing is lost", async () => {
  await using disk = await smallDisk();
  // Shorter than the publisher is away: a full disk gets more time.
  await using app = await start(disk, { MILLRACE_RESUME_SECONDS: "0.3" });
  const publisher = new ResumablePublisher(app.url, "channel");
  publisher.send(clip.subarray(0, THIRD));
  await publisher.allAcknowledged();
  await watchable(app);
  await disk.fill(20_000);
  for (let at = THIRD; at < 2 * THIRD; at += 16_384)
    publisher.send(clip.subarray(at, Math.min(at + 16_384, 2 * THIRD)));
  await eventually("it is sent away", () => publisher.refusals.length > 2);
  expect(publisher.refusals.at(-1)).toBe("the archive cannot be written: the disk is full (ENOSPC)");
  const live = await liveOn(app.url, "channel");
  expect(live).toMatchObject({ id: publisher.broadcast, state: "interrupted", ready: true });
  const words = live?.notices.map(({ text }) => text).filter((text) => text.includes("sent away")) ?? [];
  // It may be let in once more for the little that there is room for.
  for (const text of words) expect(text).toMatch(/the disk is full \(ENOSPC\); the broadcast waits 120 s/);
  expect([1, 2, 3]).toContain(words.length);
  const source = join(placeOf(disk, publisher.broadcast), "source.mkv");
  const kept = await readFile(source);
  expect(kept.equals(clip.subarray(0, kept.byteLength))).toBe(true);
  expect(kept.byteLength).toBeGreaterThanOrEqual(publisher.acknowledged);
  const away = Date.parse(live?.interruptedSince ?? "");
  await eventually("more than its usual time has passed", () => Date.now() - away > 600);
  await disk.empty();
  await publisher.allAcknowledged();
  expect(await liveOn(app.url, "channel")).toMatchObject({ id: publisher.broadcast, state: "live" });
  publisher.send(clip.subarray(2 * THIRD));
  expect((await publisher.end()).code).toBe(1000);
  const recording = await finishedOn(app.url, "channel");
  expect(recording).toMatchObject({ id: publisher.broadcast, bytes: clip.byteLength });
  expect((await readFile(source)).equals(clip)).toBe(true);
  await eventually("the copy is made", () => existsSync(join(placeOf(disk, recording.id), "seekable.mkv")));
  await expectPlays(app.url, recording.id, clip, await breaksOf(disk, recording.id));
  await expectTidy(disk, recording.id);
});

test("`end` is not answered before all of it is stored", async () => {
  await using disk = await smallDisk();
  await using app = await start(disk);
  const publisher = new ResumablePublisher(app.url, "channel");
  publisher.send(clip.subarray(0, THIRD));
  await publisher.allAcknowledged();
  await disk.fill();
  publisher.send(clip.subarray(THIRD, 2 * THIRD));
  const ended = publisher.end();
  await eventually("it is sent away", () => publisher.refusals.length > 2);
  expect(await recordings(app.url)).toMatchObject([{ state: "recording" }]);
  await disk.empty();
  expect((await ended).code).toBe(1000);
  const { id } = await finishedOn(app.url, "channel");
  const archive = await readFile(join(placeOf(disk, id), "source.mkv"));
  expect(archive.equals(clip.subarray(0, 2 * THIRD))).toBe(true);
});

test("a plain publisher is told why, keeps what it had sent, and gets its recording when there is room", async () => {
  await using disk = await smallDisk();
  await using app = await start(disk);
  const publisher = await SocketPublisher.connect(app.url, "channel");
  await publisher.send(clip.subarray(0, THIRD));
  await watchable(app);
  const { id = "" } = (await liveOn(app.url, "channel")) ?? {};
  const source = join(placeOf(disk, id), "source.mkv");
  await eventually("it is in the file", async () => (await stat(source)).size === THIRD);
  await disk.fill();
  await publisher.send(clip.subarray(THIRD), { seconds: 1.5 });
  const reason = "the archive cannot be written: the disk is full (ENOSPC)";
  expect((await publisher.ended).texts).toEqual([`ERROR: ${reason}`]);
  await eventually("the channel is free", async () => (await liveOn(app.url, "channel")) === null);
  await eventually("nobody writes it", async () => (await recordings(app.url))[0]?.state === "interrupted");
  expect(await recordings(app.url)).toMatchObject([{ id, endedAt: null, bytes: THIRD }]);
  const refused = await publishHttp(app.url, "other", clip);
  expect(refused).toMatchObject({ status: 503, body: { detail: expect.stringMatching(/no new broadcasts|is full/) } });
  await disk.empty();
  await eventually("it is finished", async () => (await recordings(app.url))[0]?.endedAt !== null);
  expect(await recordings(app.url)).toMatchObject([{ id, state: "interrupted", bytes: THIRD }]);
  await expectPlays(app.url, id, clip.subarray(0, THIRD), await breaksOf(disk, id));
  await expectTidy(disk, id);
});

test("below the floor new broadcasts are refused over every way in, and what is live goes on", async () => {
  await using disk = await smallDisk();
  await using app = await start(disk, { MILLRACE_MIN_FREE_MB: "8" });
  const publisher = new ResumablePublisher(app.url, "channel");
  publisher.send(clip.subarray(0, THIRD));
  await publisher.allAcknowledged();
  await using full = await start(disk, {
    MILLRACE_DATA_DIR: join(disk.path, "second"),
    MILLRACE_MIN_FREE_MB: "900000000",
  });
  const words = expect.stringMatching(/^no new broadcasts: \d+ MB of the disk are free, MILLRACE_MIN_FREE_MB keeps 9/);
  expect(await publishHttp(full.url, "channel", clip)).toMatchObject({ status: 503, body: { detail: words } });
  await expect(SocketPublisher.connect(full.url, "channel")).rejects.toThrow("503");
  expect(await (await rawConnection(full.url, "channel")).ended).toEqual({ code: 4503, reason: words });
  if (disk.isReal) {
    await disk.fill(4_000_000);
    expect((await (await rawConnection(app.url, "another")).ended).code).toBe(4503);
  }
  publisher.drop();
  await eventually("it is back", () => publisher.connections === 2);
  publisher.send(clip.subarray(THIRD));
  expect((await publisher.end()).code).toBe(1000);
  expect((await finishedOn(app.url, "channel")).bytes).toBe(clip.byteLength);
});

/** A second run of the encoder made what the first one could not keep. */
async function breaksOf(disk: SmallDisk, id: string): Promise<number> {
  const names = await readdir(join(placeOf(disk, id), "video0"), { recursive: true });
  return names.filter((name) => name.endsWith("init.mp4")).length - 1;
}
