import { afterEach, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { socketStats } from "../../../server/delivery/socket/stats.ts";
import type { LiveEntry } from "../../../server/packaging/live-store.ts";
import { beginTrack, between, type CmafTrack, decoded, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { eventually, settle } from "../../helpers/eventually.ts";
import { type LiveServer, liveServer } from "../../helpers/live-server.ts";
import { LiveViewer } from "../../helpers/live-viewer.ts";
import { run } from "../../helpers/presentation.ts";
import { ask } from "../../helpers/raw-http.ts";

const picture = makePicture({ seconds: 6 });
const small = makePicture({ seconds: 6, size: "80x46" });
const sound = makeSound({ seconds: 6 });

let on: LiveServer;
afterEach(async () => {
  await on[Symbol.asyncDispose]();
});

type Tracks = Readonly<Record<string, CmafTrack>>;

function begin({ presentation }: LiveEntry, tracks: Tracks): void {
  for (const [name, track] of Object.entries(tracks)) beginTrack(presentation, name, track);
}

/** Lets everything arrive whose time is in [from, to), in seconds. */
function pass({ presentation }: LiveEntry, tracks: Tracks, from: number, to: number): void {
  feed(
    presentation,
    Object.fromEntries(Object.entries(tracks).map(([name, track]) => [name, [track, between(track, from, to)]])),
  );
}

const both = { video0: picture, audio0: sound };

describe("a viewer", () => {
  test("gets the tracks, their init segments, the newest key frame, and then each chunk once", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel");
    begin(entry, both);
    pass(entry, both, 0, 3.5);
    const viewer = await LiveViewer.connect(on.url, "channel");
    const { tracks, video, audio, broadcast } = await viewer.hears("tracks");
    expect(broadcast).toBe(entry.broadcast);
    expect(tracks.map(({ name, kind }) => [name, kind])).toEqual([
      ["video0", "video"],
      ["audio0", "audio"],
    ]);
    expect(tracks[0]).toMatchObject({ width: 160, height: 90, codecs: expect.stringMatching(/^avc1\./) });
    await viewer.gets(video ?? -1, 15);
    pass(entry, both, 3.5, 5);
    await viewer.gets(video ?? -1, 60);

    const pictures = viewer.chunksOf(video ?? -1);
    expect(pictures[0]).toMatchObject({ key: true, breaks: true });
    expect(pictures[0]?.time).toBeCloseTo(3, 3);
    const times = pictures.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBe(60);
    const { frames, errors } = decoded(viewer.bytesOf(video ?? -1));
    expect([frames.length, errors]).toEqual([60, ""]);
    await eventually("sound has come as far", () => (viewer.chunksOf(audio ?? -1).at(-1)?.time ?? 0) > 4.8);
    expect(viewer.chunksOf(audio ?? -1)[0]?.time).toBeGreaterThan(2.9);
    expect(decoded(viewer.bytesOf(audio ?? -1)).errors).toBe("");
    await viewer.leave();
  });

  test("begins with the next key frame where that is wished, by setting or by itself", async () => {
    on = await liveServer({ join: "next" });
    const entry = on.broadcast("channel");
    begin(entry, both);
    pass(entry, both, 0, 3.5);
    const patient = await LiveViewer.connect(on.url, "channel");
    const hasty = await LiveViewer.connect(on.url, "channel", "?join=newest");
    await Promise.all([patient.hears("tracks"), hasty.hears("tracks")]);
    await hasty.gets(0, 15);
    pass(entry, both, 3.5, 4.5);
    await patient.gets(0, 15);
    expect(patient.chunksOf(0)[0]).toMatchObject({ key: true });
    expect(patient.chunksOf(0)[0]?.time).toBeCloseTo(4, 3);
    expect(hasty.chunksOf(0)[0]?.time).toBeCloseTo(3, 3);
  });

  test("gets picture and sound of one moment in one message", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel");
    begin(entry, both);
    pass(entry, both, 0, 3.1);
    const viewer = await LiveViewer.connect(on.url, "channel");
    await viewer.gets(0, 3);
    const before = viewer.messages;
    pass(entry, both, 3.1, 3.4);
    await viewer.gets(0, 12);
    await settle();
    expect(viewer.messages - before).toBe(1);
  });

  test("is told when a broadcast ends, and gets the next one if it waits", async () => {
    on = await liveServer();
    const waiting = await LiveViewer.connect(on.url, "channel", "?wait=1");
    expect(await waiting.hears("waiting")).toMatchObject({ reason: "offline" });
    const first = on.broadcast("channel");
    expect(await waiting.hears("waiting", 2)).toMatchObject({ reason: "starting" });
    begin(first, both);
    pass(first, both, 0, 3);
    await waiting.gets(0, 1);
    const leaving = await LiveViewer.connect(on.url, "channel");
    await leaving.gets(0, 1);
    first.presentation.finish();
    expect(await leaving.hears("ended")).toMatchObject({ broadcast: first.broadcast });
    expect(await leaving.ended).toMatchObject({ code: 1000 });
    expect(await waiting.hears("waiting", 3)).toMatchObject({ reason: "offline" });

    const second = on.broadcast("channel");
    begin(second, both);
    pass(second, both, 0, 3);
    expect(await waiting.hears("tracks", 2)).toMatchObject({ broadcast: second.broadcast });
    const inits = () => waiting.records.filter(({ kind, track }) => kind === "init" && track === 0);
    await eventually("the new init segment has come", () => inits().length === 2);
  });

  test("without sound or without a picture is served as well", async () => {
    on = await liveServer();
    const silent = on.broadcast("silent", { tracks: ["video"] });
    begin(silent, { video0: picture });
    pass(silent, { video0: picture }, 0, 3);
    const watching = await LiveViewer.connect(on.url, "silent");
    expect(await watching.hears("tracks")).toMatchObject({ video: 0, audio: null });
    await watching.gets(0, 1);

    const dark = on.broadcast("dark", { tracks: ["audio"] });
    begin(dark, { audio0: sound });
    pass(dark, { audio0: sound }, 0, 3);
    const listening = await LiveViewer.connect(on.url, "dark");
    expect(await listening.hears("tracks")).toMatchObject({ video: null, audio: 0 });
    await listening.gets(0, 10);
  });

  test("does not wait for ever for a sound that never comes", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel");
    begin(entry, { video0: picture });
    const viewer = await LiveViewer.connect(on.url, "channel");
    let time = 2;
    await eventually("the viewer has a picture", () => {
      pass(entry, { video0: picture }, time, time + 0.03);
      time += 0.03;
      return viewer.chunksOf(0).length > 0;
    });
    expect(viewer.said("tracks")[0]).toMatchObject({ video: 0, audio: null });
    expect(viewer.chunksOf(0)[0]).toMatchObject({ key: true });
  });

  test("gets the clock, and its own time back", async () => {
    on = await liveServer();
    on.broadcast("channel");
    const viewer = await LiveViewer.connect(on.url, "channel", "?wait=1");
    viewer.say({ type: "clock", sentMs: 12.5 });
    const { sentMs, serverMs } = await viewer.hears("clock");
    expect(sentMs).toBe(12.5);
    expect(Math.abs(serverMs - Date.now())).toBeLessThan(5_000);
  });

  test("that pauses gets nothing, and goes on with the newest key frame", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel");
    begin(entry, both);
    pass(entry, both, 0, 3.5);
    const viewer = await LiveViewer.connect(on.url, "channel");
    await viewer.gets(0, 15);
    viewer.say({ type: "pause" });
    viewer.say({ type: "clock", sentMs: 1 });
    await viewer.hears("clock");
    const before = viewer.records.length;
    pass(entry, both, 3.5, 5.5);
    viewer.say({ type: "clock", sentMs: 2 });
    await viewer.hears("clock", 2);
    expect(viewer.records).toHaveLength(before);
    viewer.say({ type: "resume" });
    await viewer.gets(0, 30);
    expect(viewer.chunksOf(0)[15]).toMatchObject({ key: true, breaks: true });
    expect(viewer.chunksOf(0)[15]?.time).toBeCloseTo(5, 3);
  });
});

test("what viewers tell of themselves is summed up", async () => {
  on = await liveServer();
  const entry = on.broadcast("channel");
  begin(entry, both);
  pass(entry, both, 0, 3);
  const viewers = await Promise.all([1, 2, 3].map(() => LiveViewer.connect(on.url, "channel")));
  for (const [index, viewer] of viewers.slice(0, 2).entries()) {
    const delayMs = index === 0 ? 200 : null;
    const figures = { bufferMs: 100 + index, stalls: index, droppedFrames: 2, roundTripMs: 1 };
    viewer.say({ type: "report", ...figures, delayMs, rendition: "video0" });
  }
  const stats = () => socketStats(on.hub.viewersOf(entry.broadcast));
  await eventually("both reports are there", () => stats().renditions.video0 === 2);
  expect(stats()).toEqual({
    viewers: 3,
    delayMs: { p50: 200, p95: 200 },
    bufferMs: { p50: 101, p95: 101 },
    roundTripMs: { p50: 1, p95: 1 },
    stalls: 1,
    droppedFrames: 4,
    skips: 0,
    renditions: { video0: 2 },
  });
});

describe("a choice of pictures", () => {
  const ladder = { video0: picture, video1: small, audio0: sound };

  test("is switched at a key frame, without a hole before it", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel", { tracks: ["video", "video", "audio"] });
    begin(entry, ladder);
    pass(entry, ladder, 0, 3.5);
    const viewer = await LiveViewer.connect(on.url, "channel");
    const { tracks } = await viewer.hears("tracks");
    expect(tracks.map(({ name }) => name)).toEqual(["video0", "video1", "audio0"]);
    await viewer.gets(0, 15);
    viewer.say({ type: "choose", video: "video1" });
    viewer.say({ type: "clock", sentMs: 1 });
    await viewer.hears("clock");
    // The wanted picture's key frame is here before the present one has come so far.
    pass(entry, { video1: small }, 3.5, 4.1);
    pass(entry, { video0: picture, audio0: sound }, 3.5, 3.9);
    viewer.say({ type: "clock", sentMs: 2 });
    await viewer.hears("clock", 2);
    expect(viewer.said("switched")).toEqual([]);
    pass(entry, { video0: picture, audio0: sound }, 3.9, 4.1);
    pass(entry, ladder, 4.1, 4.5);
    expect(await viewer.hears("switched")).toEqual({ type: "switched", video: 1 });
    await viewer.gets(1, 15);
    const last = viewer.chunksOf(0).at(-1)?.time ?? 0;
    const [first] = viewer.chunksOf(1);
    expect(first).toMatchObject({ key: true });
    expect(first?.time).toBeCloseTo(4, 3);
    expect(last).toBeGreaterThan(3.95);
    expect(decoded(viewer.bytesOf(1)).errors).toBe("");
  });

  test("can be made when joining, and none can be had, too", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel", { tracks: ["video", "video", "audio"] });
    begin(entry, ladder);
    pass(entry, ladder, 0, 3.5);
    const low = await LiveViewer.connect(on.url, "channel", "?video=video1");
    expect(await low.hears("tracks")).toMatchObject({ video: 1 });
    const deaf = await LiveViewer.connect(on.url, "channel", "?video=none");
    expect(await deaf.hears("tracks")).toMatchObject({ video: null, audio: 2 });
    await deaf.gets(2, 5);
    expect(deaf.chunksOf(0)).toEqual([]);
    deaf.say({ type: "choose", video: "video0" });
    deaf.say({ type: "choose", video: "nonsense" });
    deaf.say({ type: "clock", sentMs: 1 });
    await deaf.hears("clock");
    pass(entry, ladder, 3.5, 4.5);
    await deaf.gets(0, 15);
    expect(deaf.chunksOf(0)[0]?.time).toBeCloseTo(4, 3);
  });
});

describe("a picture that is not made any more", () => {
  const ladder = { video0: picture, video1: small, audio0: sound };
  const later = { video0: makePicture({ seconds: 2, from: 10 }), audio0: makeSound({ seconds: 2, from: 10 }) };

  test("is no choice, and its viewers go on with another one from its next key frame on", async () => {
    on = await liveServer();
    const entry = on.broadcast("channel", { tracks: ["video", "video", "audio"] });
    begin(entry, ladder);
    pass(entry, ladder, 0, 3.5);
    const viewers = await Promise.all(
      ["video0", "video1"].map((name) => LiveViewer.connect(on.url, "channel", `?video=${name}`)),
    );
    const [other, left] = viewers;
    if (other === undefined || left === undefined) throw new Error("there are no viewers");
    await other.gets(0, 15);
    await left.gets(1, 15);
    entry.presentation.startRun(run({ anchor: { seconds: 10, wallMs: 1_700_000_008_000 } }));
    begin(entry, later);
    pass(entry, later, 10, 11.5);
    await left.gets(0, 15);
    expect(await left.hears("tracks", 2)).toMatchObject({ video: 0 });
    expect((await left.hears("tracks", 2)).tracks.map(({ name }) => name)).toEqual(["video0", "audio0"]);
    expect(await left.hears("switched")).toEqual({ type: "switched", video: 0 });
    expect(left.chunksOf(0)[0]).toMatchObject({ key: true, breaks: true });
    expect(left.chunksOf(0)[0]?.time).toBeCloseTo(10, 3);
    expect(decoded(left.bytesOf(0)).errors).toBe("");
    await other.gets(0, 30);
    expect(other.said("switched")).toEqual([]);
    left.say({ type: "choose", video: "video1" });
    left.say({ type: "clock", sentMs: 1 });
    await left.hears("clock");
    pass(entry, later, 11.5, 12);
    await left.gets(0, 50);
    expect(left.said("switched")).toHaveLength(1);
  });
});

test("a new run of the encoder brings its init segment and says that it does not follow", async () => {
  on = await liveServer();
  const entry = on.broadcast("channel");
  begin(entry, both);
  pass(entry, both, 0, 4);
  const viewer = await LiveViewer.connect(on.url, "channel");
  await viewer.gets(0, 30);
  const later = makePicture({ seconds: 2, from: 10, size: "80x46" });
  const laterSound = makeSound({ seconds: 2, from: 10 });
  entry.presentation.startRun(run({ anchor: { seconds: 10, wallMs: 1_700_000_008_000 } }));
  begin(entry, { video0: later, audio0: laterSound });
  pass(entry, { video0: later, audio0: laterSound }, 10, 11);
  await viewer.gets(0, 60);
  const inits = viewer.records.filter(({ kind, track }) => kind === "init" && track === 0);
  expect(inits).toHaveLength(2);
  expect(viewer.chunksOf(0)[30]).toMatchObject({ key: true, breaks: true });
  expect((await viewer.hears("tracks", 2)).tracks[0]).toMatchObject({ width: 80, height: 46 });
});

describe("who cannot be served", () => {
  test("is told that the channel is not live", async () => {
    on = await liveServer();
    const viewer = await LiveViewer.connect(on.url, "nobody");
    expect(await viewer.ended).toEqual({ code: 4404, reason: "the channel nobody is not live" });
  });

  test("is told that there are too many, and does not harm the others", async () => {
    on = await liveServer({ maxViewers: 1 });
    const first = await LiveViewer.connect(on.url, "channel", "?wait=1");
    const second = await LiveViewer.connect(on.url, "channel", "?wait=1");
    expect(await second.ended).toMatchObject({ code: 4429, reason: expect.stringContaining("1 viewers") });
    expect(first.socket.readyState).toBe(WebSocket.OPEN);
    expect(on.hub.size).toBe(1);
  });

  test("without our subprotocol, with a bad name or query, is refused before the upgrade", async () => {
    on = await liveServer();
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    const refused = await ask(on.url, "/live/channel/socket", { headers });
    expect([refused.status, String(refused.body)]).toEqual([400, expect.stringContaining("millrace.live.v1")]);
    const speaking = { ...headers, "sec-websocket-protocol": "millrace.live.v1" };
    expect((await ask(on.url, "/live/a.b/socket", { headers: speaking })).status).toBe(400);
    expect((await ask(on.url, "/live/channel/socket?join=never", { headers: speaking })).status).toBe(400);
  });

  test.each([
    ["binary", Buffer.from([1, 2, 3])],
    ["no JSON", "hello"],
    ["JSON of another kind", '{"type":"dance"}'],
    ["too long", JSON.stringify({ type: "choose", video: "v".repeat(5000) })],
  ])("says something that is none of our words (%s): closed, with a reason", async (_, message) => {
    on = await liveServer();
    const viewer = await LiveViewer.connect(on.url, "channel", "?wait=1");
    viewer.socket.send(message);
    expect(await viewer.ended).toMatchObject({ code: 4400, reason: expect.stringContaining("message") });
    expect(on.hub.size).toBe(0);
  });
});

test("a viewer that reads nothing is moved on to a key frame, is told, and is never cut off", async () => {
  on = await liveServer();
  const loud = makePicture({ seconds: 6, size: "1280x720" });
  const entry = on.broadcast("channel", { tracks: ["video"], windowSeconds: 5 });
  begin(entry, { video0: loud });
  pass(entry, { video0: loud }, 0, 2.2);
  const slow = await LiveViewer.connect(on.url, "channel");
  const quick = await LiveViewer.connect(on.url, "channel");
  await Promise.all([slow.gets(0, 1), quick.gets(0, 1)]);
  slow.socket.pause();

  // The same seconds again and again, each run after the last: more than the kernel holds for one who reads nothing.
  let rounds = 0;
  const playAgain = async (on: LiveEntry) => {
    rounds += 1;
    on.presentation.startRun(run({ tracks: ["video"], anchor: { seconds: rounds * 10, wallMs: 0 } }));
    const again = shifted(loud, rounds * 10);
    begin(on, { video0: again });
    for (let from = 0; from < again.chunks.length; from += 20) {
      const had = quick.chunksOf(0).length;
      const some = again.chunks.slice(from, from + 20);
      feed(on.presentation, { video0: [again, some] });
      // The quick one reads in this process: it keeps up only when it is given time.
      await quick.gets(0, had + some.length);
    }
  };
  const [viewer] = on.hub.viewersOf(entry.broadcast);
  await eventually("the slow one has been left behind", async () => {
    await playAgain(entry);
    return viewer?.isBehind === true;
  });
  const seen = quick.chunksOf(0).length;
  slow.socket.resume();
  await eventually("its queue is short again", () => viewer?.queuedBytes === 0);
  await playAgain(entry);
  const { chunks, bytes, times } = await slow.hears("skipped");
  expect(times).toBe(1);
  expect(chunks).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(0);
  const first = () => slow.chunksOf(0).find(({ time }) => time >= rounds * 10);
  await eventually("it goes on", () => first() !== undefined);
  expect(first()?.key).toBe(true);
  await eventually("the quick one has missed nothing", () => quick.chunksOf(0).length >= seen + 180);
  expect(quick.said("skipped")).toEqual([]);
});

/** The same pictures later; only their decode times differ. */
function shifted(track: CmafTrack, seconds: number): CmafTrack {
  const chunks = track.chunks.map(({ moof, mdat, info }) => {
    const later = Buffer.from(moof);
    const at = later.indexOf("tfdt") + 8;
    later.writeBigUInt64BE(later.readBigUInt64BE(at) + BigInt(seconds * track.info.timescale), at);
    const ticks = seconds * track.info.timescale;
    const moved = { decodeTime: info.decodeTime + ticks, keyTime: info.keyTime + ticks };
    return { moof: later, mdat, info: { ...info, ...moved } };
  });
  return { ...track, chunks };
}

test("three hundred viewers who leave at once leave nothing behind", async () => {
  on = await liveServer({ maxViewers: 1000 });
  const entry = on.broadcast("channel");
  begin(entry, both);
  pass(entry, both, 0, 3.5);
  const viewers = await Promise.all(Array.from({ length: 300 }, () => LiveViewer.connect(on.url, "channel")));
  await eventually("all are here", () => on.hub.viewersOf(entry.broadcast).length === 300);
  for (const viewer of viewers) viewer.socket.terminate();
  await eventually("all are gone", () => on.hub.size === 0);
  expect(on.hub.viewersOf(entry.broadcast)).toEqual([]);
  expect(entry.presentation.followers).toBe(0);
});
