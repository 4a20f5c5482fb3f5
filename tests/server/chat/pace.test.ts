import { expect, test } from "@jest/globals";
import { Pace } from "../../../server/chat/pace.ts";
import type { Person } from "../../../server/chat/person.ts";

let nowMs = 0;
const paced = () => new Pace(() => nowMs);
const room = (more = {}) => ({ channel: "show", people: 10, slowSeconds: 0, ...more });
const person = (key: string, more: Partial<Person> = {}): Person => ({
  key,
  caller: { hash: key, masked: "", isShared: false },
  name: key,
  isModerator: false,
  ...more,
});

/** How many lines in a row are taken now. */
function atOnce(pace: Pace, who: () => Person, where = room()): number {
  let count = 0;
  while (count < 1000 && pace.take(who(), where) === 0) count++;
  return count;
}

test("one person has five lines at once, and then one in a second and a half", () => {
  const pace = paced();
  const ada = () => person("ada");
  expect(atOnce(pace, ada)).toBe(5);
  expect(pace.take(ada(), room())).toBe(2);
  nowMs += 1_501;
  expect(atOnce(pace, ada)).toBe(1);
  expect(atOnce(pace, () => person("bob"))).toBe(5);
});

test("people at one address have twenty together, unless many share it", () => {
  const pace = paced();
  let number = 0;
  const at = (isShared: boolean) => () =>
    person(`${isShared} ${number++}`, { caller: { hash: `${isShared}`, masked: "", isShared } });
  expect(atOnce(pace, at(false))).toBe(20);
  expect(atOnce(pace, at(true), room({ channel: "other" }))).toBe(60);
});

test("slow mode counts for each person, and not for a moderator", () => {
  const pace = paced();
  const slow = room({ slowSeconds: 30 });
  expect(atOnce(pace, () => person("ada"), slow)).toBe(1);
  expect(pace.take(person("ada"), slow)).toBe(30);
  nowMs += 29_000;
  expect(pace.take(person("ada"), slow)).toBe(1);
  nowMs += 1_000;
  expect(pace.take(person("ada"), slow)).toBe(0);
  expect(atOnce(pace, () => person("op", { isModerator: true }), slow)).toBeGreaterThan(20);
});

test("the more people get a line, the fewer lines there are", () => {
  const pace = paced();
  let number = 0;
  const crowd = room({ people: 10_000 });
  const anybody = () => person(String(number++));
  expect(atOnce(pace, anybody, crowd)).toBeLessThanOrEqual(5);
  nowMs += 10_000;
  expect(atOnce(pace, anybody, crowd)).toBeLessThanOrEqual(5);
  expect(pace.take(anybody(), room({ channel: "small" }))).toBeGreaterThan(0);
});
