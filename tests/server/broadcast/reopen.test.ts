import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import type { Broadcast } from "../../../server/broadcast/broadcast.ts";
import { IndexFile } from "../../../server/broadcast/log/index-file.ts";
import { reopenBroadcast } from "../../../server/broadcast/reopen.ts";
import { piecesOf } from "../../helpers/bytes.ts";
import { clips } from "../../helpers/clips.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { type TestRegistry, testRegistry } from "../../helpers/registry.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";
import { tinyCluster, tinyHeader, tinyWebm } from "../../helpers/tiny-webm.ts";

/** Publishes all of it in one life of the server; returns what that leaves on disk. */
async function publish(on: TestRegistry, pieces: readonly Uint8Array[]): Promise<Left> {
  const publication = on.registry.publish("channel");
  for (const piece of pieces) await publication.write(piece);
  const id = await publication.finish({ reason: "finished" });
  const index = await readFile(on.pathOf(id, "index"), "utf8");
  return { source: await readFile(on.pathOf(id, "source")), index };
}

interface Left {
  readonly source: Uint8Array;
  readonly index: string | undefined;
}

async function reopen(folder: TempFolder, { source, index }: Left) {
  const [sourcePath, indexPath] = ["source", "index"].map((name) => join(folder.path, name));
  if (sourcePath === undefined || indexPath === undefined) throw new Error("two paths were made");
  await writeFile(sourcePath, source);
  if (index !== undefined) await writeFile(indexPath, index);
  const left = { id: uuidv7(), channel: "channel", startedMs: 5_000, sourcePath, indexPath };
  const reopened = await reopenBroadcast(left);
  const close = () => closed(reopened.broadcast);
  return { ...reopened, left, [Symbol.asyncDispose]: close };
}

async function closed(broadcast: Broadcast): Promise<void> {
  await broadcast.end({ reason: "finished" });
  await broadcast.log[Symbol.asyncDispose]();
}

/** Everything that the encoder goes by, but for times of arrival. */
function factsOf(broadcast: Broadcast) {
  return broadcast.epochs.map((epoch) => ({
    kind: epoch.kind,
    tracks: epoch.tracks,
    init: epoch.init,
    end: epoch.end,
    firstTime: epoch.firstTime?.toFixed(3),
    firstKeyTime: epoch.firstKeyTime?.toFixed(3),
    newestTime: epoch.newestTime.toFixed(3),
    longestKeyInterval: epoch.longestKeyInterval.toFixed(3),
    newestResync: epoch.newestResync?.offset,
    resyncInTheMiddle: epoch.resyncBefore(((epoch.firstTime ?? 0) + epoch.newestTime) / 2)?.offset,
  }));
}

/** The same of a life that nothing interrupted. */
async function factsWhen(pieces: readonly Uint8Array[]) {
  await using on = await testRegistry();
  const publication = on.registry.publish("channel");
  for (const piece of pieces) await publication.write(piece);
  return on.begun.flatMap(factsOf);
}

const streams: readonly [name: string, bytes: Uint8Array][] = [
  ["clusters of unknown size", fixture("chromium-vp9.webm")],
  ["fragmented MP4", fixture("chromium-h264.mp4")],
  ["key frames in the middle of clusters", clips["H.264 and Opus in Matroska"](8)],
  ["sound alone", clips["audio only"](8)],
  ["two containers", Buffer.concat([tinyWebm(4), tinyWebm(3)])],
];

test.each(streams)("%s: wherever file and index were cut, the next life knows what this one knew", async (_, bytes) => {
  await using on = await testRegistry();
  const whole = await publish(on, piecesOf(bytes, 20_000));
  const index = whole.index ?? "";
  const expected = await factsWhen([bytes]);
  const cut = fc.tuple(fc.integer({ min: 0, max: bytes.byteLength }), fc.integer({ min: 0, max: index.length }));
  await fc.assert(
    fc.asyncProperty(cut, async ([sourceBytes, indexLength]) => {
      await using folder = await tempFolder();
      const length = Math.min(sourceBytes, bytes.byteLength);
      const left = { source: bytes.subarray(0, length), index: index.slice(0, indexLength) };
      await using reopened = await reopen(folder, left);
      const { broadcast } = reopened;
      expect(broadcast.log.length).toBe(length);
      expect(factsOf(broadcast)).toEqual(await factsWhen([left.source]));
      if (length < bytes.byteLength) await broadcast.accept(bytes.subarray(length));
      await broadcast.end({ reason: "finished" });
      expect(factsOf(broadcast)).toEqual(expected);
      expect((await readFile(join(folder.path, "source"))).equals(bytes)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("of a long epoch only the beginning and the end are read again", async () => {
  await using on = await testRegistry();
  const bytes = clips["H.264 and Opus in Matroska"](30);
  const whole = await publish(on, piecesOf(bytes, 20_000));
  const points = [...(whole.index ?? "").matchAll(/^r (\d+)/gm)].map(([, offset]) => Number(offset));
  const [second = 0, last = 0] = [points[1], points.at(-1)];
  // What lies between must not matter: it is overwritten.
  const source = Buffer.from(bytes);
  const begin = Math.max(second, 600_000);
  expect(begin).toBeLessThan(last);
  source.fill(0x47, begin, last);
  await using folder = await tempFolder();
  await using reopened = await reopen(folder, { source, index: whole.index });
  const { broadcast, hadEnded } = reopened;
  expect(hadEnded).toBe(true);
  expect(broadcast.notices).toEqual([]);
  expect(factsOf(broadcast)).toEqual(await factsWhen([bytes]));
});

test("arrival times are those of the life in which the bytes arrived", async () => {
  const header = tinyWebm(2).byteLength;
  const index = `a 0 1000.0\ne 0 ${tinyHeader().byteLength} webm\nr ${tinyHeader().byteLength} 1.0\na ${header} 9000.0\nr ${header} 3.0\n`;
  await using folder = await tempFolder();
  await using reopened = await reopen(folder, { source: tinyWebm(4), index });
  const { broadcast } = reopened;
  const [epoch] = broadcast.epochs;
  expect([epoch?.arrivedMs, epoch?.newestResync?.arrivedMs, broadcast.startedMs]).toEqual([1_000, 9_000, 5_000]);
});

describe("an index", () => {
  test("that does not belong to the log is found out, and written anew from the log", async () => {
    await using folder = await tempFolder();
    const source = tinyWebm(4);
    await using reopened = await reopen(folder, { source, index: "a 0 1.0\ne 7 90 webm\nr 90 1.0\nr 200 55.0\n" });
    const { broadcast, left } = reopened;
    expect(factsOf(broadcast)).toEqual(await factsWhen([source]));
    await closed(broadcast);
    const again = await reopenBroadcast(left);
    expect([factsOf(again.broadcast), again.hadEnded]).toEqual([await factsWhen([source]), true]);
    await closed(again.broadcast);
  });

  test("that is gone is made anew from the log", async () => {
    await using folder = await tempFolder();
    await using reopened = await reopen(folder, { source: tinyWebm(4), index: undefined });
    const { broadcast } = reopened;
    await broadcast.end({ reason: "finished" });
    const lines = (await readFile(join(folder.path, "index"), "utf8")).split("\n");
    expect(lines.filter((line) => line.startsWith("r "))).toHaveLength(4);
    expect(lines.filter((line) => line.startsWith("e "))).toHaveLength(1);
  });

  test("gets no line twice", async () => {
    await using on = await testRegistry();
    const { source, index } = await publish(on, [tinyWebm(4)]);
    await using folder = await tempFolder();
    await using reopened = await reopen(folder, { source, index });
    const { broadcast } = reopened;
    await broadcast.accept(tinyCluster(5));
    await broadcast.end({ reason: "finished" });
    const lines = (await readFile(join(folder.path, "index"), "utf8")).split("\n");
    expect(lines.filter((line) => line.startsWith("r "))).toHaveLength(5);
    expect(lines.filter((line) => line.startsWith("e "))).toHaveLength(1);
  });
});

describe("a container that was announced", () => {
  const [first, second] = [tinyWebm(3).subarray(0, -20), tinyWebm(2)];
  const restart = `restart ${first.byteLength}\n`;

  test("is found again behind one that was cut off, and goes on", async () => {
    await using on = await testRegistry();
    const { index } = await publish(on, [first]);
    for (let cut = 0; cut <= second.byteLength; cut += 37) {
      await using folder = await tempFolder();
      const source = Buffer.concat([first, second.subarray(0, cut)]);
      await using reopened = await reopen(folder, { source, index: index + restart });
      const { broadcast } = reopened;
      expect(broadcast.epochs[0]?.end).toBe(first.byteLength);
      await broadcast.accept(second.subarray(cut));
      await broadcast.end({ reason: "finished" });
      expect(broadcast.epochs.map(({ init }) => init.offset)).toEqual([0, first.byteLength]);
      expect(broadcast.epochs[1]?.newestTime).toBeCloseTo(2.033);
    }
  });

  test("and proved to be none, is passed over", async () => {
    await using on = await testRegistry();
    const { index } = await publish(on, [first]);
    await using folder = await tempFolder();
    const source = Buffer.concat([first, Buffer.from("This is no container at all.")]);
    await using reopened = await reopen(folder, { source, index: index + restart });
    const { broadcast } = reopened;
    await expect(broadcast.accept(Buffer.from("more"))).rejects.toMatchObject({ code: "bad_container" });
    await broadcast.restart();
    await broadcast.accept(second);
    expect(broadcast.epochs).toHaveLength(2);
    await broadcast.end({ reason: "finished" });
  });
});

test("what begins with no container cannot be reopened, and nothing stays open", async () => {
  await using folder = await tempFolder();
  const source = Buffer.alloc(2_000, "nothing like it ");
  await expect(reopen(folder, { source, index: undefined })).rejects.toMatchObject({ code: "bad_container" });
  const index = await IndexFile.reopen(join(folder.path, "index"), 0);
  await index[Symbol.asyncDispose]();
});
