import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { JOURNAL_NAME } from "../../../server/packaging/journal.ts";
import { Catalog } from "../../../server/recordings/catalog.ts";
import { Recorder, type Remux } from "../../../server/recordings/recorder.ts";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { remuxer } from "../../../server/wiring/remuxer.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForEach } from "../../helpers/lifetime.ts";
import { decodeFrames } from "../../helpers/media-ffmpeg.ts";
import { ffprobe } from "../../helpers/millrace.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { putRecording, recordOf, testCatalog } from "../../helpers/recordings.ts";

const on = oneForEach(testCatalog);

const clip = clips["VP8 and Opus in WebM"](2);
const mp4 = clips["H.264 and AAC in fragmented MP4"](2);

function recorderFor(catalog: Catalog, remux?: Remux) {
  const events: string[] = [];
  const real: Remux = async (job, signal) => remuxer((await findFfmpeg(undefined)).binary)(job, signal);
  const report = (event: string) => events.push(event);
  return { recorder: new Recorder({ catalog, remux: remux ?? real, report }), events };
}

async function idle(recorder: Recorder): Promise<void> {
  await eventually("all copies are made", () => recorder.waiting === 0);
}

test("a broadcast is recorded, then finished, then gets a copy with a duration that can be sought in", async () => {
  const { catalog } = on();
  const { recorder, events } = recorderFor(catalog);
  await using __ = recorder;
  const id = uuidv7();
  const place = await putRecording(catalog, recordOf({ id }), clip);
  await recorder.begin({ id, channel: "channel", container: "webm", startedMs: 1_700_000_000_000 });
  expect((await catalog.find(id))?.record).toMatchObject({
    state: "recording",
    startedAt: "2023-11-14T22:13:20.000Z",
    endedAt: null,
    durationMs: null,
    bytes: clip.byteLength,
  });
  await recorder.finish(id, { bytes: clip.byteLength, durationMs: 2_000 });
  const finished = (await catalog.find(id))?.record;
  expect(finished).toMatchObject({ state: "finished", durationMs: 2_000, bytes: clip.byteLength });
  expect(Math.abs(Date.parse(finished?.endedAt ?? "") - Date.now())).toBeLessThan(10_000);
  await idle(recorder);
  expect(events).toEqual([]);
  const seekable = join(place, "seekable.webm");
  const { format } = ffprobe(seekable, ["-show_entries", "format=duration"]) as { format: { duration: string } };
  expect(Number(format.duration)).toBeCloseTo(2, 0);
  expect(decodeFrames("matroska", await readFile(seekable), "video").frames.length).toBe(
    decodeFrames("matroska", clip, "video").frames.length,
  );
  expect((await readFile(join(place, "source.webm"))).equals(clip)).toBe(true);
  expect((await readdir(place)).filter((name) => name.includes(".part"))).toEqual([]);
});

test("a fragmented MP4 gets an ordinary one", async () => {
  const { catalog } = on();
  const { recorder } = recorderFor(catalog);
  await using __ = recorder;
  const id = uuidv7();
  const place = await putRecording(catalog, recordOf({ id, container: "mp4" }), mp4);
  await recorder.finish(id, { bytes: mp4.byteLength, durationMs: 2_000 });
  await idle(recorder);
  const copy = await readFile(join(place, "seekable.mp4"));
  expect(copy.subarray(0, 200).includes("moov")).toBe(true);
  expect(copy.includes("moof")).toBe(false);
});

test("a copy that cannot be made is told, leaves nothing half made, and the others go on", async () => {
  const { catalog } = on();
  const { recorder, events } = recorderFor(catalog);
  await using __ = recorder;
  const [bad, good] = [uuidv7(), uuidv7()];
  const badPlace = await putRecording(catalog, recordOf({ id: bad }), Buffer.alloc(5_000, 0x42));
  const goodPlace = await putRecording(catalog, recordOf({ id: good }), clip);
  await recorder.finish(bad, { bytes: 5_000, durationMs: null });
  await recorder.finish(good, { bytes: clip.byteLength, durationMs: 2_000 });
  await idle(recorder);
  expect(events).toEqual(["no seekable copy could be made"]);
  expect((await readdir(badPlace)).toSorted()).toEqual(["broadcast.json", "source.webm"]);
  expect(existsSync(join(goodPlace, "seekable.webm"))).toBe(true);
});

test("copies are made one after the other", async () => {
  const { catalog } = on();
  let running = 0;
  let most = 0;
  let letGo = () => {};
  const mayGo = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { recorder } = recorderFor(catalog, async ({ to }) => {
    most = Math.max(most, ++running);
    await mayGo;
    await writeFile(to, "copy");
    running--;
  });
  await using __ = recorder;
  for (let number = 0; number < 4; number++) {
    const id = uuidv7();
    await putRecording(catalog, recordOf({ id }), clip);
    await recorder.finish(id, { bytes: clip.byteLength, durationMs: 2_000 });
  }
  expect(recorder.waiting).toBe(4);
  letGo();
  await idle(recorder);
  expect(most).toBe(1);
});

test("a recording that has been deleted meanwhile is nobody's problem", async () => {
  const { catalog } = on();
  const { recorder, events } = recorderFor(catalog);
  await using __ = recorder;
  await recorder.finish(uuidv7(), { bytes: 1, durationMs: 1 });
  expect([events, recorder.waiting]).toEqual([[], 0]);
});

test("at the start what a crash left is handed out, and what is missing is made", async () => {
  const { catalog } = on();
  const [crashed, unfinished, empty, sourceless, bodiless] = [uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const open = { state: "recording", bytes: 0, endedAt: null, durationMs: null } as const;
  const crashedPlace = await putRecording(catalog, recordOf({ id: crashed, ...open }), clip);
  const stopped = new Date("2026-03-04T05:06:07.000Z");
  await utimes(join(crashedPlace, "source.webm"), stopped, stopped);
  await writeFile(join(crashedPlace, "seekable.webm.part"), "half a copy");
  const unfinishedPlace = await putRecording(catalog, recordOf({ id: unfinished }), clip);
  await writeFile(join(unfinishedPlace, JOURNAL_NAME), "{}");
  await putRecording(catalog, recordOf({ id: empty, bytes: 0 }), Buffer.alloc(0));
  const sourcelessPlace = await putRecording(catalog, recordOf({ id: sourceless, ...open }), clip);
  await rm(join(sourcelessPlace, "source.webm"));
  const bodilessPlace = await putRecording(catalog, recordOf({ id: bodiless, ...open }), Buffer.alloc(0));
  await mkdir(join(crashedPlace, "video0/3"), { recursive: true });
  await writeFile(join(crashedPlace, "video0/3/17.m4s.part"), "half a segment");

  const { recorder, events } = recorderFor(catalog);
  await using __ = recorder;
  const left = await recorder.recover();
  expect(left.map(({ record }) => record.id)).toEqual([crashed]);
  expect(await readdir(join(crashedPlace, "video0/3"))).toEqual([]);
  // Nothing of it ever reached the file, so nobody was ever told that it had.
  expect(existsSync(bodilessPlace)).toBe(false);
  for (const entry of left) await recorder.interrupt(entry);
  await rm(join(crashedPlace, "video0"), { recursive: true });
  await idle(recorder);
  expect((await catalog.find(crashed))?.record).toMatchObject({
    state: "interrupted",
    endedAt: stopped.toISOString(),
    bytes: clip.byteLength,
  });
  for (const place of [crashedPlace, unfinishedPlace]) {
    expect((await readdir(place)).toSorted()).toEqual(["broadcast.json", "seekable.webm", "source.webm"]);
  }
  expect(events).toEqual([]);
});

test("a broadcast that can be resumed says so in its record, until it has ended", async () => {
  const { catalog, folder } = on();
  const { recorder } = recorderFor(catalog);
  await using __ = recorder;
  const id = uuidv7();
  const tokenHash = "ab".repeat(32);
  const place = await putRecording(catalog, recordOf({ id }), clip);
  await recorder.begin({ id, channel: "channel", container: "webm", startedMs: 1_700_000_000_000, tokenHash });
  const written = async () => JSON.parse(await readFile(join(place, "broadcast.json"), "utf8"));
  expect(await written()).toMatchObject({ state: "recording", resume: { tokenHash, remainingMs: null } });
  await recorder.suspend(id, { bytes: clip.byteLength, remainingMs: 12_345 });
  expect(await written()).toMatchObject({
    state: "suspended",
    endedAt: null,
    bytes: clip.byteLength,
    resume: { tokenHash, remainingMs: 12_345 },
  });
  // The next life of the server.
  const { recorder: next } = recorderFor(new Catalog(join(folder.path, "recordings")));
  await using ___ = next;
  const [left] = await next.recover();
  expect(left?.record).toMatchObject({ id, state: "interrupted", resume: { tokenHash, remainingMs: 12_345 } });
  await next.finish(id, { bytes: clip.byteLength, durationMs: 2_000, state: "interrupted" });
  expect(await written()).toMatchObject({ state: "interrupted" });
  expect(await written()).not.toHaveProperty("resume");
});

test("a container that the index tells of twice is one, and its copy is made", async () => {
  const { catalog } = on();
  const { recorder, events } = recorderFor(catalog);
  await using __ = recorder;
  const id = uuidv7();
  const place = await putRecording(catalog, recordOf({ id }), clip);
  await writeFile(join(place, "index"), "e 0 500 webm\nopen 400 1000.0\ne 0 500 webm\n");
  await recorder.finish(id, { bytes: clip.byteLength, durationMs: 2_000 });
  await idle(recorder);
  expect(events).toEqual([]);
  expect(existsSync(join(place, "seekable.webm"))).toBe(true);
});

test("a second start finds nothing to do", async () => {
  const { catalog } = on();
  const id = uuidv7();
  const place = await putRecording(catalog, recordOf({ id }), clip);
  await writeFile(join(place, "seekable.webm"), "made before");
  const { recorder } = recorderFor(catalog);
  await using __ = recorder;
  await recorder.recover();
  expect(recorder.waiting).toBe(0);
  expect(await readFile(join(place, "seekable.webm"), "utf8")).toBe("made before");
});

test("stopping drops what takes too long and leaves no half copy and no process", async () => {
  const { catalog } = on();
  const { recorder } = recorderFor(catalog, async ({ to }, signal) => {
    await writeFile(to, "half");
    await new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
  });
  const places: string[] = [];
  for (let number = 0; number < 2; number++) {
    const id = uuidv7();
    places.push(await putRecording(catalog, recordOf({ id }), clip));
    await recorder.finish(id, { bytes: clip.byteLength, durationMs: 2_000 });
  }
  await recorder[Symbol.asyncDispose]();
  for (const place of places) expect((await readdir(place)).toSorted()).toEqual(["broadcast.json", "source.webm"]);
  expect(ffmpegsBelow()).toEqual([]);
});
