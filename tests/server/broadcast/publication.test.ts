import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { FileStore } from "../../../server/broadcast/log/log-store.ts";
import { LiveError } from "../../../server/core/errors.ts";
import { piecesOf } from "../../helpers/bytes.ts";
import { settle } from "../../helpers/eventually.ts";
import { fixture } from "../../helpers/media-fixtures.ts";
import { type TestRegistry, testRegistry } from "../../helpers/registry.ts";
import { tinyCluster, tinyHeader, tinyWebm } from "../../helpers/tiny-webm.ts";

const stream = tinyWebm();

/** Publishes the pieces one after the other; resolves with the broadcast's id. */
async function publish(on: TestRegistry, channel: string, pieces: readonly Uint8Array[]): Promise<string> {
  const publication = on.registry.publish(channel);
  for (const piece of pieces) await publication.write(piece);
  return publication.finish({ reason: "finished" });
}

/** What a broadcast leaves: its bytes, and all of its index but the times of arrival. */
async function leftBy(on: TestRegistry, id: string) {
  const index = await readFile(on.pathOf(id, "index"), "utf8");
  const learnt = index.split("\n").filter((line) => !line.startsWith("a "));
  const broadcast = on.begun.find((each) => each.id === id);
  const epochs = broadcast?.epochs.map(({ kind, init, firstTime, newestTime, longestKeyInterval, newestResync }) => ({
    ...{ kind, init, firstTime, newestTime, longestKeyInterval },
    newestResync: newestResync?.offset,
  }));
  return { bytes: await readFile(on.pathOf(id, "source")), learnt, epochs };
}

test("wherever the stream is cut, the archive has the same bytes and the same epochs are found", async () => {
  await using on = await testRegistry();
  const whole = await leftBy(on, await publish(on, "whole", [stream]));
  expect(whole.bytes.equals(stream)).toBe(true);
  expect(whole.epochs).toMatchObject([{ kind: "webm", firstTime: 1, newestTime: 3.033, longestKeyInterval: 1 }]);
  expect(whole.learnt.filter((line) => line.startsWith("r "))).toHaveLength(3);
  for (let cut = 1; cut < stream.byteLength; cut++) {
    const id = await publish(on, "cut", [stream.subarray(0, cut), stream.subarray(cut)]);
    expect(await leftBy(on, id)).toEqual(whole);
  }
});

test.each([["chromium-vp9.webm", "webm"] as const, ["chromium-h264.mp4", "mp4"] as const])(
  "%s in pieces of any size is archived as it came",
  async (name, kind) => {
    await using on = await testRegistry();
    const bytes = fixture(name);
    const whole = await leftBy(on, await publish(on, "whole", [bytes]));
    expect(whole.bytes.equals(bytes)).toBe(true);
    expect(whole.epochs).toHaveLength(1);
    expect(whole.epochs?.[0]?.kind).toBe(kind);
    for (const largest of [7, 1_000, 30_000]) {
      expect(await leftBy(on, await publish(on, "cut", piecesOf(bytes, largest)))).toEqual(whole);
    }
  },
);

test("bytes that arrive one by one are one broadcast", async () => {
  await using on = await testRegistry();
  const id = await publish(
    on,
    "slow",
    [...stream].map((byte) => Uint8Array.of(byte)),
  );
  expect((await leftBy(on, id)).bytes.equals(stream)).toBe(true);
});

test("a new container in the stream is a new epoch, and the last one ends before it", async () => {
  await using on = await testRegistry();
  const second = tinyWebm(2, "matroska");
  const id = await publish(on, "camera", [stream, second]);
  const [first, next] = on.begun[0]?.epochs ?? [];
  expect(first).toMatchObject({ kind: "webm", end: stream.byteLength });
  expect(next).toMatchObject({ kind: "matroska", end: undefined, init: { offset: stream.byteLength } });
  expect((await leftBy(on, id)).bytes.equals(Buffer.concat([stream, second]))).toBe(true);
});

describe("before the header is understood", () => {
  test("nothing is live and nothing is on disk", async () => {
    await using on = await testRegistry();
    const publication = on.registry.publish("early");
    await publication.write(tinyHeader());
    expect([publication.broadcast, on.begun.length, on.registry.on("early")]).toEqual([undefined, 0, undefined]);
    expect(await readdir(on.folder)).toEqual([]);
    await publication.write(tinyCluster(1));
    expect(publication.id).toBe(on.registry.on("early")?.id);
    expect(on.registry.on("early")?.log.length).toBe(tinyHeader().byteLength + tinyCluster(1).byteLength);
    await publication.finish({ reason: "finished" });
  });

  const refusals = [
    { name: "garbage", bytes: Buffer.from("<!doctype html>"), words: "neither WebM, Matroska, MP4 nor FLV" },
    { name: "an AVI", bytes: Buffer.from("RIFF\0\0\0\0AVI "), words: "52494646" },
    { name: "a PNG", bytes: Buffer.from("89504e470d0a1a0a0000", "hex"), words: "89504e47" },
    { name: "EBML without tracks", bytes: Buffer.concat([tinyHeader().subarray(0, 40), tinyCluster(1)]), words: "" },
  ];
  test.each(refusals)(
    "$name is refused and leaves nothing, and the channel is free again",
    async ({ bytes, words }) => {
      await using on = await testRegistry();
      const publication = on.registry.publish("refused");
      const written = publication.write(bytes);
      await expect(written).rejects.toMatchObject({ code: "bad_container", message: expect.stringContaining(words) });
      const error = new Error("as the connection saw it");
      await expect(publication.finish({ reason: "failed", error })).rejects.toMatchObject({ code: "bad_container" });
      expect(await readdir(on.folder)).toEqual([]);
      await on.registry.check("refused");
    },
  );

  test("an end in the middle of the header says after how many bytes", async () => {
    await using on = await testRegistry();
    const publication = on.registry.publish("cut");
    await publication.write(tinyHeader().subarray(0, 50));
    const finished = publication.finish({ reason: "finished" });
    await expect(finished).rejects.toThrow("the stream ended inside its header, after 50 bytes");
    expect(await readdir(on.folder)).toEqual([]);
  });

  test("an empty stream says that nothing was sent", async () => {
    await using on = await testRegistry();
    const publication = on.registry.publish("empty");
    await publication.write(Buffer.alloc(0));
    await expect(publication.finish({ reason: "finished" })).rejects.toThrow("nothing was sent");
    await on.registry.check("empty");
  });

  test("one that never ends is refused", async () => {
    await using on = await testRegistry();
    const publication = on.registry.publish("endless");
    const endless = async () => {
      await publication.write(tinyHeader().subarray(0, 45));
      for (let sent = 0; sent < 8; sent++) await publication.write(Buffer.alloc(1024 * 1024, 0xec));
    };
    await expect(endless()).rejects.toMatchObject({ code: "bad_container" });
  });
});

describe("a server that ends the broadcast", () => {
  test("tells the publisher, and keeps what came", async () => {
    await using on = await testRegistry();
    const publication = on.registry.publish("stopped");
    await publication.write(stream);
    await publication.stop(new LiveError("forbidden", "that is enough"));
    expect(publication.stopped.aborted).toBe(true);
    expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
    await expect(publication.write(stream)).rejects.toMatchObject({ code: "forbidden" });
    expect((await readFile(on.pathOf(publication.id ?? "", "source"))).equals(stream)).toBe(true);
    await on.registry.check("stopped");
  });

  test("while it begins, ends it with the bytes that were taken", async () => {
    let letBegin = () => {};
    const mayBegin = new Promise<void>((resolve) => {
      letBegin = resolve;
    });
    await using on = await testRegistry();
    const slow = await testRegistry({
      place: async ({ id }) => {
        await mayBegin;
        return { store: await FileStore.create(on.pathOf(id, "source")), indexPath: undefined };
      },
    });
    const publication = slow.registry.publish("starting");
    const written = publication.write(stream);
    await settle();
    const stopped = publication.stop(new LiveError("forbidden", "that is enough"));
    letBegin();
    await Promise.all([written, stopped]);
    expect(await slow.begun[0]?.ended).toEqual({ reason: "stopped" });
    expect((await readFile(on.pathOf(publication.id ?? "", "source"))).equals(stream)).toBe(true);
    expect(slow.registry.live).toEqual([]);
    await slow[Symbol.asyncDispose]();
  });

  test("before it began, leaves nothing", async () => {
    await using on = await testRegistry();
    const publication = on.registry.publish("starting");
    await publication.write(tinyHeader());
    await publication.stop(new LiveError("forbidden", "that is enough"));
    await expect(publication.write(tinyCluster(1))).rejects.toMatchObject({ code: "forbidden" });
    await expect(publication.finish({ reason: "finished" })).rejects.toMatchObject({ code: "bad_container" });
    expect(await readdir(on.folder)).toEqual([]);
  });
});

test("a broadcast that cannot be stored is refused with no_room, and the channel is free again", async () => {
  await using on = await testRegistry({ place: () => Promise.reject(new Error("EROFS")) });
  const publication = on.registry.publish("full");
  const refusal = { code: "no_room", message: "the archive cannot be created: EROFS" };
  await expect(publication.write(stream)).rejects.toMatchObject(refusal);
  await expect(publication.finish({ reason: "finished" })).rejects.toMatchObject(refusal);
  expect(on.registry.live).toEqual([]);
  await on.registry.check("full");
});
