import { existsSync } from "node:fs";
import { appendFile, cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ResumablePublisher, rawConnection } from "../../../scripts/publish/resumable-publisher.ts";
import type { Recording } from "../../../server/protocol/api.ts";
import { startTestApp, type TestApp } from "../../helpers/app.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { decodeFrames } from "../../helpers/media-ffmpeg.ts";
import { finishedOn, liveOn, readyOn, recordings } from "../../helpers/millrace.ts";
import { readHls } from "../../helpers/playlists.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { publishHttp, SocketPublisher } from "../../helpers/publish.ts";
import { segmentsIn } from "../../helpers/recordings.ts";
import { expectPlays, framesOf } from "../../helpers/replay.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const clip = clips["H.264 and Opus in Matroska"](12);
const bFrames = clips["H.264 with B-frames in Matroska"](12);
const vp8 = clips["VP8 and Opus in WebM"](12);

/** Begins to publish, and waits until at least one segment can be watched. */
async function begin(app: TestApp, bytes: Uint8Array, share: number): Promise<ResumablePublisher> {
  const publisher = new ResumablePublisher(app.url, "channel");
  publisher.send(bytes.subarray(0, Math.floor(bytes.byteLength * share)));
  await publisher.allAcknowledged();
  await readyOn(app.url, "channel");
  return publisher;
}

/** Waits until the newest recording of a channel has segments of both tracks on the disk. */
async function published(app: TestApp, channel: string): Promise<void> {
  const [id = ""] = (await readdir(app.folderOf(channel, ""))).toSorted().reverse();
  await segmentsIn(app.folderOf(channel, id));
}

describe.each([
  ["passed through", clip, "mkv", "ORIGINAL"] as const,
  ["encoded", vp8, "webm", "ORIGINAL"] as const,
  ["passed through with B-frames, and encoded", bFrames, "mkv", "ORIGINAL,160x90-15~200"] as const,
])("a broadcast that is %s", (_, bytes, extension, ladder) => {
  test("goes on after a restart of the server and is one recording, whole in every form", async () => {
    await using app = await startTestApp({ MILLRACE_LADDER: ladder });
    const publisher = await begin(app, bytes, 0.6);
    await published(app, "channel");
    const { broadcast } = publisher;
    await app.stop();
    expect(ffmpegsBelow()).toEqual([]);
    const place = app.folderOf("channel", broadcast);
    expect(JSON.parse(await readFile(join(place, "broadcast.json"), "utf8"))).toMatchObject({
      state: "suspended",
      endedAt: null,
      resume: { tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/), remainingMs: 30_000 },
    });

    await app.start();
    expect(await liveOn(app.url, "channel")).toMatchObject({ id: broadcast, state: "interrupted" });
    expect(await recordings(app.url)).toMatchObject([{ id: broadcast, state: "recording" }]);
    publisher.url = app.url;
    await eventually("it is back", () => publisher.connections === 2);
    expect(await liveOn(app.url, "channel")).toMatchObject({ state: "live", interruptedSince: null });
    publisher.send(bytes.subarray(publisher.produced));
    expect((await publisher.end()).code).toBe(1000);

    expect((await finishedOn(app.url, "channel")).id).toBe(broadcast);
    expect((await readFile(join(place, `source.${extension}`))).equals(bytes)).toBe(true);
    await eventually("the copy is made", () => existsSync(join(place, `seekable.${extension}`)));
    const frames = (file: Uint8Array) => decodeFrames("matroska", file, "video").frames.length;
    expect(frames(await readFile(join(place, `seekable.${extension}`)))).toBe(frames(bytes));
    await expectPlays(app.url, broadcast, bytes);
    expect((await readdir(place, { recursive: true })).filter((name) => /\.part$|journal/.test(name))).toEqual([]);
  });
});

describe("a broadcast whose publisher does not come back", () => {
  test("after a restart ends when its time is over, as interrupted, and plays", async () => {
    await using app = await startTestApp({ MILLRACE_RESUME_SECONDS: "0.7" });
    const publisher = await begin(app, clip, 0.5);
    await published(app, "channel");
    const sent = clip.subarray(0, publisher.produced);
    publisher.stopTrying();
    await app.stop();
    // What was promised to the publisher holds, and not what is promised now.
    await app.start({ MILLRACE_RESUME_SECONDS: "30" });
    const { id } = await endedAs("interrupted", app);
    expect(id).toBe(publisher.broadcast);
    const place = app.folderOf("channel", id);
    expect((await readFile(join(place, "source.mkv"))).equals(sent)).toBe(true);
    await expectPlays(app.url, id, sent);
    expect(await liveOn(app.url, "channel")).toBeNull();
    const late = await rawConnection(app.url, "channel", `?broadcast=${id}&resume=${publisher.token}`);
    expect((await late.ended).code).toBe(4404);
  });

  test("ends when its time is over, as interrupted, and plays", async () => {
    await using app = await startTestApp({ MILLRACE_RESUME_SECONDS: "0.5" });
    const publisher = await begin(app, clip, 0.5);
    publisher.stopTrying();
    publisher.drop();
    const { id } = await endedAs("interrupted", app);
    await expectPlays(app.url, id, clip.subarray(0, publisher.produced), 0);
  });
});

describe("what a crash leaves", () => {
  test("can be resumed, and is one recording", async () => {
    await using crash = await tempFolder();
    await using first = await startTestApp();
    const publisher = await begin(first, clip, 0.5);
    // What is on the disk at any moment is what a crash at that moment leaves.
    await published(first, "channel");
    await cp(first.dataDir, crash.path, { recursive: true, filter: isSettled });
    await using second = await startTestApp({ MILLRACE_DATA_DIR: crash.path });
    publisher.url = second.url;
    publisher.drop();
    await eventually("it is there", () => publisher.connections === 2);
    publisher.send(clip.subarray(publisher.produced));
    expect((await publisher.end()).code).toBe(1000);
    const { id } = await finishedOn(second.url, "channel");
    const place = second.folderOf("channel", id);
    expect((await readFile(join(place, "source.mkv"))).equals(clip)).toBe(true);
    await expectPlays(second.url, id, clip);
  });

  test("of a broadcast that its publisher had ended is finished, and not interrupted", async () => {
    await using crash = await tempFolder();
    await using first = await startTestApp();
    const publisher = await begin(first, clip, 1);
    await published(first, "channel");
    await cp(first.dataDir, crash.path, { recursive: true, filter: isSettled });
    const place = join(crash.path, "recordings/channel", publisher.broadcast);
    await appendFile(join(place, "index"), `end ${clip.byteLength}\n`);
    await using second = await startTestApp({ MILLRACE_DATA_DIR: crash.path });
    const { id } = await finishedOn(second.url, "channel");
    await expectPlays(second.url, id, clip);
    // A publisher that did not hear so asks.
    publisher.url = second.url;
    publisher.drop();
    expect((await publisher.end()).code).toBe(1000);
    expect(publisher.offsets).toEqual([0, clip.byteLength]);
  });

  test("of broadcasts that cannot be resumed is finished one by one, and channels are free at once", async () => {
    await using crash = await tempFolder();
    await using first = await startTestApp();
    const publishers = await Promise.all(["a", "b"].map((name) => SocketPublisher.connect(first.url, name)));
    for (const publisher of publishers) await publisher.send(clip.subarray(0, clip.byteLength / 2));
    for (const name of ["a", "b"]) {
      await readyOn(first.url, name);
      await published(first, name);
    }
    await cp(first.dataDir, crash.path, { recursive: true, filter: isSettled });
    await using second = await startTestApp({ MILLRACE_DATA_DIR: crash.path });
    expect(await liveOn(second.url, "a")).toBeNull();
    expect((await recordings(second.url)).map(({ state }) => state)).toEqual(["interrupted", "interrupted"]);
    expect((await publishHttp(second.url, "a", vp8)).status).toBe(201);
    await eventually("all have their end", async () =>
      (await recordings(second.url)).every(({ endedAt, bytes }) => endedAt !== null && bytes > 0),
    );
    const interrupted = (await recordings(second.url)).filter(({ state }) => state === "interrupted");
    expect(interrupted.map(({ channel }) => channel).toSorted()).toEqual(["a", "b"]);
    for (const { channel, id } of interrupted) {
      await expectPlays(second.url, id, await readFile(join(second.folderOf(channel, id), "source.mkv")));
    }
  });

  test("and nothing can be made of keeps nobody from starting", async () => {
    await using app = await startTestApp();
    const publisher = await begin(app, clip, 0.5);
    publisher.stopTrying();
    await app.stop();
    const place = app.folderOf("channel", publisher.broadcast);
    await writeFile(join(place, "source.mkv"), Buffer.alloc(5_000, "not any more "));
    await app.start();
    expect(await liveOn(app.url, "channel")).toBeNull();
    expect(await recordings(app.url)).toMatchObject([{ state: "interrupted", bytes: 5_000 }]);
    expect((await publishHttp(app.url, "channel", vp8)).status).toBe(201);
  });
});

test("containers that follow each other go on after a restart in the middle of the second", async () => {
  await using app = await startTestApp();
  const publisher = await begin(app, clip, 0.4);
  publisher.restart("video/webm");
  publisher.send(vp8.subarray(0, vp8.byteLength / 2));
  await publisher.allAcknowledged();
  // Whole: the parts of an open one are made again, and then there is one break less.
  const goesOn = /#EXT-X-DISCONTINUITY\n[\s\S]*#EXTINF/;
  await eventually("a segment of the second is there", async () => goesOn.test(await pictures(app, publisher)));
  await app.stop();
  await app.start();
  publisher.url = app.url;
  await eventually("it is back", () => publisher.connections === 2);
  publisher.send(vp8.subarray(vp8.byteLength / 2));
  expect((await publisher.end()).code).toBe(1000);
  const { id } = await finishedOn(app.url, "channel");
  const archive = await readFile(join(app.folderOf("channel", id), "source.mkv"));
  const cut = clip.subarray(0, Math.floor(clip.byteLength * 0.4));
  expect(archive.equals(Buffer.concat([cut, vp8]))).toBe(true);
  const video = (await readHls(`${app.url}/recordings/${id}/master.m3u8`)).get("video0");
  expect(video?.segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(2);
  const frames = await framesOf(video?.segments.map(({ uri }) => uri) ?? []);
  expect(frames).toBe([cut, vp8].reduce((sum, each) => sum + decodeFrames("matroska", each, "video").frames.length, 0));
});

test("without recording a broadcast outlives a lost connection, but not the server", async () => {
  await using app = await startTestApp({ MILLRACE_RECORD: "off" });
  const publisher = await begin(app, clip, 0.4);
  publisher.drop();
  await eventually("it is back", () => publisher.connections === 2);
  publisher.send(clip.subarray(publisher.produced, clip.byteLength / 2));
  const { broadcast, token } = publisher;
  publisher.stopTrying();
  await app.stop();
  await app.start();
  const late = await rawConnection(app.url, "channel", `?broadcast=${broadcast}&resume=${token}`);
  expect((await late.ended).code).toBe(4404);
});

async function endedAs(state: "finished" | "interrupted", { url }: TestApp): Promise<Recording> {
  await eventually("it has its end", async () => (await recordings(url)).every(({ endedAt }) => endedAt !== null));
  const [recording] = await recordings(url);
  if (recording?.state !== state) throw new Error(`the recording is ${recording?.state}`);
  return recording;
}

async function pictures({ url }: TestApp, { broadcast }: ResumablePublisher): Promise<string> {
  return (await fetch(`${url}/live/channel/${broadcast}/video0/playlist.m3u8`)).text();
}

/** The lock of a running server cannot be copied, and what is being written has another name a moment later. */
function isSettled(path: string): boolean {
  return !path.endsWith("/lock") && !path.endsWith(".part");
}
