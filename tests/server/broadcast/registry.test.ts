import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { FileStore, type LogStore } from "../../../server/broadcast/log/log-store.ts";
import { LiveError } from "../../../server/core/errors.ts";
import { broadcastId } from "../../../server/protocol/names.ts";
import { testRegistry } from "../../helpers/registry.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";
import { tinyCluster, tinyWebm } from "../../helpers/tiny-webm.ts";

const stream = tinyWebm();

test("a channel has one publisher: the second is refused and the first goes on", async () => {
  await using on = await testRegistry();
  const first = on.registry.publish("one");
  await first.write(stream);
  expect(() => on.registry.publish("one")).toThrow("the channel one is already live");
  await expect(on.registry.check("one")).rejects.toMatchObject({ code: "channel_busy" });
  await first.write(tinyCluster(4));
  const id = await first.finish({ reason: "finished" });
  expect((await readFile(on.pathOf(id, "source"))).equals(tinyWebm(4))).toBe(true);
});

test("a channel is taken from the moment a publisher came, before its first byte", async () => {
  await using on = await testRegistry();
  on.registry.publish("silent");
  await expect(on.registry.check("silent")).rejects.toMatchObject({ code: "channel_busy" });
});

test("who comes while the last publisher is on its way out waits for it instead of being refused", async () => {
  await using on = await testRegistry();
  const first = on.registry.publish("again");
  await first.write(stream);
  first.leave();
  const next = on.registry.check("again").then(() => on.registry.publish("again"));
  expect(() => on.registry.publish("again")).toThrow("the channel again is already live");
  await first.finish({ reason: "finished" });
  const second = await next;
  await second.write(stream);
  expect(await second.finish({ reason: "finished" })).toBe(second.id);
});

test("several channels are live at once, the oldest first, and each by its name", async () => {
  await using on = await testRegistry();
  for (const channel of ["b", "a", "c"]) await on.registry.publish(channel).write(stream);
  expect(on.registry.live.map(({ channel }) => channel)).toEqual(["b", "a", "c"]);
  expect(on.registry.on("a")?.channel).toBe("a");
  expect(on.registry.on("d")).toBeUndefined();
});

test("broadcasts follow each other on a channel, each with an id of its own that sorts by time", async () => {
  await using on = await testRegistry();
  const ids: string[] = [];
  for (let round = 0; round < 5; round++) {
    const publication = on.registry.publish("again");
    await publication.write(stream);
    ids.push(await publication.finish({ reason: "finished" }));
    expect(on.registry.on("again")).toBeUndefined();
  }
  for (const id of ids) expect(broadcastId.safeParse(id).success).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(5);
});

test("no more broadcasts are taken than there are places", async () => {
  await using on = await testRegistry({ maxBroadcasts: 2 });
  const first = on.registry.publish("first");
  on.registry.publish("second");
  expect(() => on.registry.publish("third")).toThrow(
    expect.objectContaining({ code: "no_room", message: "this server takes 2 broadcasts at a time" }),
  );
  await first.finish({ reason: "finished" }).catch(() => {});
  expect(() => on.registry.publish("third")).not.toThrow();
});

test("a publication that ended long ago does not free the channel of the next", async () => {
  await using on = await testRegistry();
  const first = on.registry.publish("channel");
  await first.stop(new LiveError("restarting", "the server is stopping"));
  on.registry.publish("channel");
  await first.finish({ reason: "finished" }).catch(() => {});
  await expect(on.registry.check("channel")).rejects.toMatchObject({ code: "channel_busy" });
});

test("stopping ends every broadcast with its bytes in the file, and refuses newcomers", async () => {
  await using on = await testRegistry();
  const publications = ["a", "b", "c"].map((channel) => on.registry.publish(channel));
  for (const publication of publications) await publication.write(stream);
  const closing = on.registry[Symbol.asyncDispose]();
  expect(() => on.registry.publish("late")).toThrow(expect.objectContaining({ code: "no_room" }));
  await closing;
  expect(on.registry.live).toEqual([]);
  expect(publications.every((publication) => publication.stopped.aborted)).toBe(true);
  for (const { id, ended } of on.begun) {
    expect(await ended).toEqual({ reason: "stopped" });
    expect((await readFile(on.pathOf(id, "source"))).equals(stream)).toBe(true);
  }
});

test("an index that cannot be made closes the archive's file again", async () => {
  await using folder = await tempFolder();
  const stores: LogStore[] = [];
  await using on = await testRegistry({
    place: async ({ id }) => {
      const store = await FileStore.create(join(folder.path, id));
      stores.push(store);
      return { store, indexPath: join(folder.path, "missing/index") };
    },
  });
  const publication = on.registry.publish("channel");
  await expect(publication.write(stream)).rejects.toMatchObject({
    code: "no_room",
    message: expect.stringMatching(/ENOENT/),
  });
  await expect(stores[0]?.read(0, 1)).rejects.toThrow("closed");
  await publication.finish({ reason: "finished" }).catch(() => {});
});
