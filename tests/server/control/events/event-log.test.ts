import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { EventLog } from "../../../../server/control/events/event-log.ts";
import { MIGRATIONS } from "../../../../server/control/tables.ts";
import { Database } from "../../../../server/core/database.ts";
import type { ServerEvent } from "../../../../server/protocol/events.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

const live = { type: "channel.live", channel: "a", data: {} } as const;
const found = {
  type: "analysis",
  channel: "a",
  data: { event: 1, analyser: "motion", shape: "point", startMs: 1, durationMs: 0, values: {} },
} as const;

test("ids rise, also over a restart, and lasting events are still told after it", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "x.db");
  const told: ServerEvent[] = [];
  {
    await using db = new Database(path, MIGRATIONS);
    const log = new EventLog(db);
    const stop = log.listen((event) => told.push(event));
    for (let count = 0; count < 600; count++) log.emit(live);
    log.emit(found);
    stop();
    log.emit(live);
    expect(told).toHaveLength(601);
    expect(log.since(told[598]?.id ?? 0).map(({ type }) => type)).toEqual(["channel.live", "analysis", "channel.live"]);
  }
  await using db = new Database(path, MIGRATIONS);
  const log = new EventLog(db);
  const since = log.since(told[598]?.id ?? 0);
  expect(since.map(({ type }) => type)).toEqual(["channel.live", "channel.live"]);
  told.push(...since.slice(1), log.emit(live));
  const ids = told.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
});

test("the oldest are forgotten, in memory and in the file", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "x.db");
  let first = 0;
  {
    await using db = new Database(path, MIGRATIONS);
    const log = new EventLog(db);
    first = log.emit(live).id;
    for (let count = 0; count < 9_000; count++) log.emit(live);
    expect(log.since(0).length).toBeLessThanOrEqual(2 * 4_096);
  }
  await using db = new Database(path, MIGRATIONS);
  const kept = new EventLog(db).since(0);
  expect(kept.length).toBe(4_096);
  expect(kept[0]?.id).toBeGreaterThan(first);
});

test("what cannot be kept is told all the same", async () => {
  await using folder = await tempFolder();
  const db = new Database(join(folder.path, "x.db"), MIGRATIONS);
  const problems: unknown[] = [];
  const log = new EventLog(db, (problem) => problems.push(problem));
  await db[Symbol.asyncDispose]();
  expect(log.emit(live).type).toBe("channel.live");
  expect(problems).toHaveLength(1);
});
