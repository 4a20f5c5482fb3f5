import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { descendantsOf, survivors } from "../../scripts/example/processes.ts";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { oneForEach } from "../helpers/lifetime.ts";
import { finishedOn, liveOn, readyOn, recordings, seekableIn, sha256, startMillrace } from "../helpers/millrace.ts";
import { fetchText, readRecording } from "../helpers/playlists.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { segmentsIn } from "../helpers/recordings.ts";

const h264 = clips["H.264 and Opus in Matroska"](6);
const vp8 = clips["VP8 and Opus in WebM"](6);
const long = clips["H.264 and Opus in Matroska"](30);

const millrace = oneForEach(startMillrace);

/** A publisher that sends 30 s in real time, once its channel can be played. */
async function goLive(channel: string): Promise<{ publisher: SocketPublisher; sending: Promise<void> }> {
  const publisher = await SocketPublisher.connect(millrace().url, channel);
  const sending = publisher.send(long, { pieceBytes: 2048, seconds: 30 });
  await readyOn(millrace().url, channel);
  return { publisher, sending };
}

/** A finished recording is whole: its archive, its playlists, three segments of every track. */
async function expectWhole(channel: string, bytes: Uint8Array): Promise<void> {
  const { id } = await finishedOn(millrace().url, channel);
  const folder = millrace().folderOf(channel, id);
  const source = readdirSync(folder).find((file) => file.startsWith("source.")) ?? "";
  expect(sha256(join(folder, source))).toBe(sha256(bytes));
  const playlists = await readRecording(millrace().url, id);
  expect([...playlists.keys()].toSorted()).toEqual(["audio0", "video0"]);
  for (const { ended, segments } of playlists.values()) {
    expect(ended).toBe(true);
    expect(segments.length).toBeGreaterThanOrEqual(3);
  }
}

describe("broadcasts", () => {
  test("come one after the other on one channel, five times", async () => {
    for (let turn = 0; turn < 5; turn++) {
      const bytes = turn % 2 === 0 ? h264 : vp8;
      expect(await publishHttp(millrace().url, "again", bytes)).toMatchObject({ status: 201 });
      await until({ what: "for all to be finished", limitMs: 30_000 }, async () => {
        const all = await recordings(millrace().url);
        return (all.length === turn + 1 && all.every(({ state }) => state === "finished")) || undefined;
      });
      await expectWhole("again", bytes);
    }
    const ids = (await recordings(millrace().url)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
  });

  test("come three at once, each on its channel", async () => {
    const answers = await Promise.all([
      publishHttp(millrace().url, "a", h264, { seconds: 3 }),
      publishHttp(millrace().url, "b", vp8, { seconds: 3 }),
      publishHttp(millrace().url, "c", h264, { seconds: 3 }),
    ]);
    for (const { status } of answers) expect(status).toBe(201);
    await Promise.all([expectWhole("a", h264), expectWhole("b", vp8), expectWhole("c", h264)]);
  });

  test("a second publisher is refused, and the first is not disturbed", async () => {
    const first = await SocketPublisher.connect(millrace().url, "busy");
    const sending = first.send(h264, { seconds: 4 });
    await until(
      { what: "for the broadcast", limitMs: 30_000 },
      async () => (await liveOn(millrace().url, "busy")) ?? undefined,
    );
    expect(await publishHttp(millrace().url, "busy", vp8)).toMatchObject({ status: 409, body: { status: 409 } });
    await expect(SocketPublisher.connect(millrace().url, "busy")).rejects.toThrow("409");
    await sending;
    expect(await first.end()).toMatchObject({ code: 1000, texts: [] });
    await expectWhole("busy", h264);
  });
});

describe("the server", () => {
  test("ends a broadcast cleanly on SIGTERM: static manifests, a whole archive, exit code 0, no child", async () => {
    const { publisher, sending } = await goLive("stopped");
    const children = descendantsOf(millrace().process.pid);
    expect(children.map(({ name }) => name)).toContain("ffmpeg");
    const began = performance.now();
    expect(await millrace().process.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(survivors(children)).toEqual([]);
    await sending;
    expect((await publisher.ended).code).toBe(1001);

    const [id = ""] = readdirSync(join(millrace().dataDir, "recordings", "stopped"));
    const folder = millrace().folderOf("stopped", id);
    const source = readFileSync(join(folder, "source.mkv"));
    expect(source.byteLength).toBeGreaterThan(long.byteLength / 20);
    expect(source.equals(long.subarray(0, source.byteLength))).toBe(true);
    expect(readFileSync(join(folder, "manifest.mpd"), "utf8")).toContain('type="static"');
    expect(readFileSync(join(folder, "video0", "playlist.m3u8"), "utf8")).toMatch(/#EXT-X-ENDLIST\n$/);
    expect(JSON.parse(readFileSync(join(folder, "broadcast.json"), "utf8"))).toMatchObject({
      state: "finished",
      bytes: source.byteLength,
    });
    expect(readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith(".part"))).toEqual([]);
  });

  test("leaves no FFmpeg behind when it is killed, and its next start finishes the recording in every form", async () => {
    const { sending } = await goLive("killed");
    const { id = "" } = (await liveOn(millrace().url, "killed")) ?? {};
    await segmentsIn(millrace().folderOf("killed", id));
    const children = descendantsOf(millrace().process.pid);
    expect(children.map(({ name }) => name)).toContain("ffmpeg");
    await millrace().kill();
    await sending;
    await until(
      { what: "for FFmpeg to be gone", limitMs: 30_000 },
      () => survivors(children).length === 0 || undefined,
    );

    await using next = await millrace().again();
    const [recording] = await recordings(next.url);
    expect(recording).toMatchObject({ channel: "killed", state: "interrupted" });
    const folder = millrace().folderOf("killed", recording?.id ?? "");
    await seekableIn(folder, "mkv");
    const source = readFileSync(join(folder, "source.mkv"));
    expect(source.equals(long.subarray(0, source.byteLength))).toBe(true);
    const playlists = await readRecording(next.url, recording?.id ?? "");
    expect([...playlists.keys()].toSorted()).toEqual(["audio0", "video0"]);
    for (const { ended, segments } of playlists.values()) {
      expect(ended).toBe(true);
      // What had been published before, and behind a discontinuity what only the archive had.
      expect(segments.filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
    }
    const leftOvers = readdirSync(folder, { recursive: true }).filter((file) => /\.part$|journal/.test(String(file)));
    expect(leftOvers).toEqual([]);
    expect((await recordings(next.url))[0]).toMatchObject({ state: "interrupted", bytes: source.byteLength });
  });
});

test("an FFmpeg that hangs is replaced, also when its publisher has gone meanwhile", async () => {
  const { publisher, sending } = await goLive("hanging");
  const hanging = descendantsOf(millrace().process.pid).filter(({ name }) => name === "ffmpeg");
  for (const { pid } of hanging) process.kill(pid, "SIGSTOP");
  publisher.socket.close(1000);
  await sending;
  const { id } = await finishedOn(millrace().url, "hanging", 25_000);
  expect(survivors(hanging)).toEqual([]);
  const playlists = await readRecording(millrace().url, id);
  expect([...playlists.values()].every(({ ended }) => ended)).toBe(true);
});

describe("what is no broadcast", () => {
  const limit = 64 * 1024 * 1024;

  test("is refused in words, and others go on", async () => {
    const other = await SocketPublisher.connect(millrace().url, "other");
    const sending = other.send(h264, { seconds: 5 });

    const garbage = Buffer.alloc(100_000, "garbage");
    expect(await publishHttp(millrace().url, "garbage", garbage)).toMatchObject({
      status: 415,
      body: { status: 415, detail: expect.stringMatching(/neither WebM, Matroska, MP4 nor FLV/) },
    });
    expect(await publishHttp(millrace().url, "empty", new Uint8Array(0))).toMatchObject({
      status: 415,
      body: { detail: "nothing was sent" },
    });
    expect(await publishHttp(millrace().url, "cut", h264.subarray(0, 100))).toMatchObject({
      status: 415,
      body: { detail: expect.stringMatching(/ended inside its header/) },
    });
    expect(await publishHttp(millrace().url, "live", h264)).toMatchObject({ status: 400 });
    expect(await publishHttp(millrace().url, "no%20name", h264)).toMatchObject({ status: 400 });

    const noise = await SocketPublisher.connect(millrace().url, "noise");
    await noise.send(garbage);
    expect((await noise.ended).texts.join()).toMatch(/^ERROR: neither WebM, Matroska, MP4 nor FLV/);

    const text = await SocketPublisher.connect(millrace().url, "text");
    text.socket.send("hello");
    expect((await text.ended).texts.join()).toMatch(/^ERROR: text is not expected/);

    const huge = await SocketPublisher.connect(millrace().url, "huge");
    huge.socket.send(Buffer.alloc(limit + 1));
    expect(await huge.ended).toMatchObject({ code: 1009 });

    await sending;
    await other.end();
    await expectWhole("other", h264);
    expect((await recordings(millrace().url)).map(({ channel }) => channel)).toEqual(["other"]);
  });

  test("a file cut anywhere is kept and played up to the cut", async () => {
    for (const share of [0.05, 0.4, 0.77]) {
      const cut = h264.subarray(0, Math.floor(h264.byteLength * share));
      expect(await publishHttp(millrace().url, "cut", cut)).toMatchObject({ status: 201 });
      await until(
        { what: "for its end", limitMs: 30_000 },
        async () => (await recordings(millrace().url)).every(({ state }) => state === "finished") || undefined,
      );
      const [newest] = await recordings(millrace().url);
      expect(newest?.bytes).toBe(cut.byteLength);
      expect(await fetchText(`${millrace().url}/live/cut/master.m3u8`)).toContain("#EXT-X-STREAM-INF");
    }
  });

  test("a message of exactly the limit is taken", async () => {
    const void64 = Buffer.alloc(limit - h264.byteLength - 9);
    // An EBML Void element (0xEC) with an eight-byte length: padding that any reader skips (RFC 8794 §11.3.2).
    const head = Buffer.from([0xec, 0x01, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUIntBE(void64.byteLength, 3, 6);
    const publisher = await SocketPublisher.connect(millrace().url, "large");
    const message = Buffer.concat([h264, head, void64]);
    expect(message.byteLength).toBe(limit);
    publisher.socket.send(message);
    expect(await publisher.end()).toMatchObject({ code: 1000, texts: [] });
    expect((await finishedOn(millrace().url, "large")).bytes).toBe(limit);
  });
});
