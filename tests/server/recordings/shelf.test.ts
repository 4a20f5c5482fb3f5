import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { Shelf } from "../../../server/recordings/shelf.ts";
import { putRecording, recordOf, testCatalog } from "../../helpers/recordings.ts";

test("a recording is as large as all of its files, and stays while something is made of it, or it is played", async () => {
  await using on = await testCatalog();
  const { catalog } = on;
  const [finished, written, watched, making, clip] = [uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const place = await putRecording(catalog, recordOf({ id: finished }), Buffer.alloc(1_000));
  await writeFile(join(place, "seekable.webm"), Buffer.alloc(500));
  const open = { endedAt: null, durationMs: null, state: "recording" } as const;
  await putRecording(catalog, recordOf({ id: written, ...open }), Buffer.alloc(10));
  for (const id of [watched, making]) await putRecording(catalog, recordOf({ id }), Buffer.alloc(10));
  const clipOf = { recording: finished, fromMs: 0, toMs: 1 };
  await putRecording(catalog, recordOf({ id: clip, clipOf, bytes: 7 }), Buffer.alloc(10));
  const shelf = new Shelf({ catalog, isWatched: (id) => id === watched, isMaking: (id) => id === making });

  const byId = async () => new Map((await shelf.list()).map((kept) => [kept.id, kept]));
  const kept = await byId();
  expect([written, watched, making, clip].map((id) => kept.get(id)?.stays)).toEqual([true, true, true, true]);
  expect(kept.get(finished)).toMatchObject({ stays: false, endedMs: Date.parse("2026-01-02T03:05:05.000Z") });
  expect(kept.get(finished)?.bytes ?? 0).toBeGreaterThanOrEqual(1_500);
  expect(kept.get(clip)?.bytes).toBe(7);
  expect(kept.get(written)?.endedMs).toBeUndefined();

  // What is finished is measured once; what is not, each time.
  for (const name of ["more", "seekable.mkv"]) {
    await writeFile(join(catalog.folderOf({ id: making, channel: "channel" }), name), Buffer.alloc(100));
    await writeFile(join(place, name), Buffer.alloc(100));
  }
  const later = await byId();
  expect(later.get(finished)?.bytes).toBe(kept.get(finished)?.bytes);
  expect(later.get(making)?.bytes).toBe((kept.get(making)?.bytes ?? 0) + 200);
});
