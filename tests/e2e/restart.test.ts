import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { descendantsOf, survivors } from "../../scripts/example/processes.ts";
import { until } from "../../scripts/example/until.ts";
import { ResumablePublisher, rawConnection } from "../../scripts/publish/resumable-publisher.ts";
import { Scope } from "../../server/core/scope.ts";
import { clips } from "../helpers/clips.ts";
import { oneForEach } from "../helpers/lifetime.ts";
import { LoggedServer } from "../helpers/logged-server.ts";
import { decodeFrames } from "../helpers/media-ffmpeg.ts";
import {
  finishedOn,
  liveOn,
  type Millrace,
  readyOn,
  recordings,
  seekableIn,
  sha256,
  startMillrace,
} from "../helpers/millrace.ts";
import { fetchText, readRecording, secondsOf } from "../helpers/playlists.ts";

const SECONDS = 18;
const clip = clips["H.264 and Opus in Matroska"](SECONDS);

const millrace = oneForEach(startMillrace);

/** The next life of the server, at the same address. */
function startAgain(): Promise<Millrace> {
  return millrace().again({ MILLRACE_PORT: new URL(millrace().url).port });
}

/** A recorder that goes on whatever happens to the connection: the whole clip, in real time. */
async function record(publisher: ResumablePublisher): Promise<void> {
  const began = performance.now();
  for (let at = 0; at < clip.byteLength; at += 4096) {
    const dueMs = began + (at / clip.byteLength) * SECONDS * 1000 - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    publisher.send(clip.subarray(at, at + 4096));
  }
}

/** The first segment's number and the number of discontinuities before it in the picture's live playlist. */
async function edge(url: string): Promise<{ sequence: number; discontinuities: number; segments: number }> {
  const { id = "" } = (await liveOn(url, "show")) ?? {};
  const text = await fetchText(`${url}/live/show/${id}/video0/playlist.m3u8`);
  const numberOf = (tag: string) => Number(new RegExp(`#EXT-X-${tag}:(\\d+)`).exec(text)?.[1] ?? 0);
  return {
    sequence: numberOf("MEDIA-SEQUENCE"),
    discontinuities: numberOf("DISCONTINUITY-SEQUENCE"),
    segments: text.match(/#EXTINF/g)?.length ?? 0,
  };
}

/** One recording: the archive is what the recorder made, its copy can be sought in, its playlists list all of it. */
async function expectWhole(url: string, publisher: ResumablePublisher): Promise<void> {
  const { id } = await finishedOn(url, "show");
  expect(id).toBe(publisher.broadcast);
  expect(await recordings(url)).toHaveLength(1);
  const folder = millrace().folderOf("show", id);
  expect(sha256(join(folder, "source.mkv"))).toBe(sha256(clip));
  const copy = decodeFrames("matroska", readFileSync(await seekableIn(folder, "mkv")), "video");
  expect([copy.frames.length, copy.errors]).toEqual([SECONDS * 30, ""]);
  for (const [name, playlist] of await readRecording(url, id)) {
    expect([name, playlist.ended]).toEqual([name, true]);
    expect(Math.abs(secondsOf(playlist) - SECONDS)).toBeLessThan(0.3);
  }
  const names = readdirSync(folder, { recursive: true }).map(String);
  expect(names.filter((name) => /\.part$|journal/.test(name))).toEqual([]);
}

test("a server that is asked to stop suspends the broadcast, and the next one goes on with it", async () => {
  const publisher = new ResumablePublisher(millrace().url, "show");
  const recording = record(publisher);
  await readyOn(millrace().url, "show");
  await until({ what: "for a second segment", limitMs: 30_000 }, async () =>
    (await edge(millrace().url)).segments > 1 ? true : undefined,
  );
  const before = await edge(millrace().url);
  const children = descendantsOf(millrace().process.pid);
  const began = performance.now();
  expect(await millrace().process.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(survivors(children)).toEqual([]);

  await using next = await startAgain();
  await until({ what: "for the publisher", limitMs: 30_000 }, async () =>
    (await liveOn(next.url, "show"))?.state === "live" ? true : undefined,
  );
  await readyOn(next.url, "show");
  const after = await edge(next.url);
  // Players that waited go on: numbers rise, and the break is counted.
  expect(after.sequence).toBeGreaterThanOrEqual(before.sequence + before.segments);
  expect(after.discontinuities).toBe(before.discontinuities + 1);
  await recording;
  expect((await publisher.end()).code).toBe(1000);
  await expectWhole(next.url, publisher);
});

test("a server that is killed again and again loses nothing that it acknowledged, and it is one recording", async () => {
  const publisher = new ResumablePublisher(millrace().url, "show");
  const recording = record(publisher);
  await using lives = new Scope();
  let life = millrace();
  for (let kill = 1; kill <= 3; kill++) {
    const { acknowledged } = publisher;
    await until({ what: "for more bytes", limitMs: 30_000 }, () =>
      publisher.acknowledged > acknowledged + clip.byteLength / 8 ? true : undefined,
    );
    await life.kill();
    const promised = publisher.acknowledged;
    const source = join(millrace().folderOf("show", publisher.broadcast), "source.mkv");
    expect(statSync(source).size).toBeGreaterThanOrEqual(promised);
    expect(readFileSync(source).equals(clip.subarray(0, statSync(source).size))).toBe(true);
    life = lives.use(await startAgain());
  }
  await recording;
  expect((await publisher.end()).code).toBe(1000);
  expect(publisher.connections).toBe(4);
  await expectWhole(life.url, publisher);
});

test("while the publisher is away the picture holds: nothing is judged as stalled, and all say why", async () => {
  const publisher = new ResumablePublisher(millrace().url, "show");
  publisher.send(clip.subarray(0, clip.byteLength / 2));
  await publisher.allAcknowledged();
  await readyOn(millrace().url, "show");
  const [encoder] = descendantsOf(millrace().process.pid).filter(({ name }) => name === "ffmpeg");
  publisher.stopTrying();
  publisher.drop();
  const away = await until({ what: "for the loss to be noticed", limitMs: 30_000 }, async () => {
    const live = await liveOn(millrace().url, "show");
    return live?.state === "interrupted" ? live : undefined;
  });
  expect(Math.abs(Date.now() - Date.parse(away.interruptedSince ?? ""))).toBeLessThan(5_000);
  expect(away.notices.at(-1)?.text).toMatch(/^The connection to the publisher was lost/);
  // Longer than an encoder that does nothing although there is something to do is given.
  await sleep(10_000);
  const held = await liveOn(millrace().url, "show");
  expect(held).toMatchObject({ state: "interrupted", ready: true });
  expect(held?.notices).toEqual(away.notices);
  expect(survivors(encoder === undefined ? [] : [encoder])).toHaveLength(1);
  const { broadcast, token } = publisher;
  const back = ResumablePublisher.resuming(millrace().url, "show", { broadcast, token, from: publisher.produced });
  back.send(clip.subarray(publisher.produced));
  expect((await back.end()).code).toBe(1000);
  await expectWhole(millrace().url, back);
});

test("the token is in no line of the log, however much is logged, and not on the disk", async () => {
  await using server = await LoggedServer.start({ MILLRACE_LOG_LEVEL: "trace" });
  const url = await server.url();
  const publisher = new ResumablePublisher(url, "show");
  publisher.send(clip.subarray(0, clip.byteLength / 2));
  await publisher.allAcknowledged();
  const { broadcast, token } = publisher;
  publisher.drop();
  await until({ what: "for it to be back", limitMs: 30_000 }, () => publisher.connections === 2 || undefined);
  const wrong = await rawConnection(url, "other", `?broadcast=${broadcast}&resume=${token}`);
  expect((await wrong.ended).code).toBe(4404);
  publisher.socket?.send("nonsense that makes the server complain");
  expect((await publisher.ended).code).toBe(4400);
  await server.stop();
  expect(server.said).toContain("broadcast suspended");
  expect(server.said).not.toContain(token);
  const files = readdirSync(server.dataDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((each) => each.isFile())) {
    expect(readFileSync(join(file.parentPath, file.name)).includes(token)).toBe(false);
  }
});
