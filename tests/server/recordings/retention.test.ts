import { expect, test } from "@jest/globals";
import { Retention } from "../../../server/recordings/retention.ts";
import { eventually } from "../../helpers/eventually.ts";

const NO_LIMIT = { days: 0, count: 0, bytes: 0 };

/** Retention of at most one recording over a list that tests can change. */
function keepOne(ids: string[], fails: (id: string) => boolean = () => false) {
  const events: string[] = [];
  let looks = 0;
  const retention = new Retention({
    list: async () => {
      looks += 1;
      return ids.map((id) => ({ id, channel: "a", endedMs: 0, bytes: 1, stays: false }));
    },
    keepOf: () => ({ ...NO_LIMIT, count: 1 }),
    total: NO_LIMIT,
    remove: async (id, reason) => {
      if (fails(id)) throw new Error("no");
      events.push(`${id}: ${reason}`);
      ids.splice(ids.indexOf(id), 1);
    },
    report: (event, details) => events.push(`${event} ${String(details.broadcast)}`),
  });
  return { retention, events, looks: () => looks };
}

test("looks at once, and when it is asked to", async () => {
  const ids = ["1", "2"];
  const { retention, events } = keepOne(ids);
  await using _ = retention;
  await eventually("the oldest is gone", () => ids.length === 1);
  ids.push("3");
  retention.soon();
  await eventually("the next one is gone", () => ids.length === 1);
  expect(events).toEqual(["1: its channel keeps 1", "2: its channel keeps 1"]);
});

test("what cannot be deleted keeps none of the others", async () => {
  const ids = ["1", "2", "3"];
  const { retention, events } = keepOne(ids, (id) => id === "1");
  await using _ = retention;
  await eventually("the second is gone", () => ids.length === 2);
  expect(events).toEqual(["a recording stays 1", "2: its channel keeps 1"]);
});

test("many wishes at once are one look, and none is after the end", async () => {
  const { retention, looks } = keepOne([]);
  for (let count = 0; count < 10; count++) retention.soon();
  await retention[Symbol.asyncDispose]();
  expect(looks()).toBe(1);
  retention.soon();
  await retention[Symbol.asyncDispose]();
  expect(looks()).toBe(1);
});
