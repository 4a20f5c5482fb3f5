import { expect, test } from "@jest/globals";
import { Turns } from "../../../server/core/turns.ts";
import { settle } from "../../helpers/eventually.ts";

test("work runs one after the other, in the order in which it was asked for", async () => {
  const turns = new Turns();
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await settle();
    events.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all([turns.take(work("a")), turns.take(work("b"))])).toEqual(["a", "b"]);
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("a failure is told to whom it belongs, and the next one's turn comes", async () => {
  const turns = new Turns();
  const failing = turns.take(async () => {
    throw new Error("no luck");
  });
  const next = turns.take(async () => "luck");
  await expect(failing).rejects.toThrow("no luck");
  expect(await next).toBe("luck");
});
