import { appendFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { EventFiles, readEvents } from "../../../server/packaging/event-files.ts";
import type { MediaEvent } from "../../../server/packaging/media-events.ts";
import { Presentation } from "../../../server/packaging/presentation.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const event = (id: number, startMs: number, durationMs: number | null = 0): MediaEvent => ({
  id,
  type: "black",
  shape: "range",
  startMs,
  durationMs,
  at: "2026-01-02T03:04:05.000Z",
  data: { level: 1 },
});
const presentation = new Presentation({ segmentSeconds: 2, partSeconds: 0.2, windowSeconds: 60, keeper: undefined });

test("events are on disk as they come, and in the end once each with their places", async () => {
  await using folder = await tempFolder();
  const files = new EventFiles(folder.path, () => {});
  files.add(event(1, 5000, null));
  files.add(event(2, 4000));
  files.add(event(1, 5000, 1500));
  await files.settle();
  expect(await readEvents(folder.path)).toEqual([event(2, 4000), event(1, 5000, 1500)]);
  await files.finish(presentation);
  expect(await readdir(folder.path)).toEqual(["events.json"]);
  const { items } = JSON.parse(await readFile(join(folder.path, "events.json"), "utf8"));
  expect(items).toEqual([
    { ...event(2, 4000), placeSeconds: 0 },
    { ...event(1, 5000, 1500), placeSeconds: 0 },
  ]);
});

test("a line that was cut off is left out, and those after it are not", async () => {
  await using folder = await tempFolder();
  await appendFile(
    join(folder.path, "events.jsonl"),
    `${JSON.stringify(event(1, 1))}\n{"id":2,"ty\n${JSON.stringify(event(3, 3))}\n`,
  );
  expect((await readEvents(folder.path)).map(({ id }) => id)).toEqual([1, 3]);
});

test("what a killed server left is mended: a line that was cut off goes, and an open range ends with the last event", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "events.jsonl");
  await appendFile(
    path,
    `${JSON.stringify(event(1, 1000, null))}\n${JSON.stringify(event(2, 3000, 500))}\n{"id":3,"ty`,
  );
  const past = await readEvents(folder.path);
  expect(past).toEqual([event(1, 1000, 2500), event(2, 3000, 500)]);
  const files = new EventFiles(folder.path, () => {}, past);
  files.add(event(3, 9000));
  await files.settle();
  expect(await readEvents(folder.path)).toEqual([...past, event(3, 9000)]);
});

test("without events there is no file, and one that cannot be written is told of once", async () => {
  await using folder = await tempFolder();
  const problems: string[] = [];
  const files = new EventFiles(folder.path, (problem) => problems.push(problem));
  await files.finish(presentation);
  expect(await readdir(folder.path)).toEqual([]);
  await mkdir(join(folder.path, "events.jsonl"));
  files.add(event(1, 1));
  files.add(event(2, 2));
  await files.settle();
  files.add(event(3, 3));
  expect(problems).toHaveLength(1);
});
