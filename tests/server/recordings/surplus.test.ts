import { describe, expect, test } from "@jest/globals";
import { type KeepRule, type Kept, surplus } from "../../../server/recordings/surplus.ts";

const NO_LIMIT: KeepRule = { days: 0, count: 0, bytes: 0 };
const NOW = Date.parse("2026-06-15T00:00:00Z");
const daysAgo = (days: number) => NOW - days * 86_400_000;

/** Recordings of one channel, the oldest first: ids `a1`, `a2` and so on, each a day younger than the one before. */
const those = (count: number, channel = "a", rest: Partial<Kept> = {}): Kept[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${index + 1}${channel}`,
    channel,
    endedMs: daysAgo(count - index),
    bytes: 10,
    stays: false,
    ...rest,
  }));

const going = (kept: readonly Kept[], rule: Partial<KeepRule>, total: Partial<KeepRule> = {}) =>
  surplus(kept, {
    keepOf: () => ({ ...NO_LIMIT, ...rule }),
    total: { ...NO_LIMIT, ...total },
    nowMs: NOW,
  }).map(({ id }) => id);

test("without limits everything stays", () => {
  expect(going(those(200), {})).toEqual([]);
});

describe("of one channel", () => {
  test("the oldest go that are too many, too old or too large, however they are listed", () => {
    expect(going(those(5).toReversed(), { count: 3 })).toEqual(["1a", "2a"]);
    expect(going(those(5), { days: 2.5 })).toEqual(["1a", "2a", "3a"]);
    expect(going(those(5), { bytes: 29 })).toEqual(["1a", "2a", "3a"]);
    expect(going(those(5), { bytes: 50 })).toEqual([]);
  });

  test("each is told why once, by the first limit that it is beyond", () => {
    const rules = { keepOf: () => ({ days: 4.5, count: 3, bytes: 20 }), total: NO_LIMIT, nowMs: NOW };
    expect(surplus(those(5), rules)).toEqual([
      { id: "1a", reason: "it is older than 4.5 days" },
      { id: "2a", reason: "its channel keeps 3" },
      { id: "3a", reason: "its channel keeps 2e-8 GB" },
    ]);
  });

  test("what is too large alone is kept as long as it is the newest", () => {
    expect(going(those(2), { bytes: 5 })).toEqual(["1a"]);
  });

  test("what is written, played or a clip stays, and counts", () => {
    const [first, ...others] = those(4);
    const kept = [...(first === undefined ? [] : [{ ...first, stays: true }]), ...others];
    expect(going(kept, { count: 2 })).toEqual(["2a"]);
    expect(going(kept, { days: 1.5 })).toEqual(["2a", "3a"]);
    expect(going(kept, { bytes: 20 })).toEqual(["2a", "3a"]);
    expect(going([{ ...(first ?? those(1)[0]), endedMs: undefined } as Kept], { days: 1 })).toEqual([]);
  });
});

test("limits of each channel are its own, those of all hold for what is left", () => {
  const kept = [...those(3, "a"), ...those(3, "b")];
  const rules = {
    keepOf: (channel: string) => ({ ...NO_LIMIT, count: channel === "a" ? 1 : 0 }),
    nowMs: NOW,
  };
  const ids = (total: Partial<KeepRule>) =>
    surplus(kept, { ...rules, total: { ...NO_LIMIT, ...total } }).map(({ id }) => id);
  expect(ids({})).toEqual(["1a", "2a"]);
  expect(ids({ count: 2 })).toEqual(["1a", "1b", "2a", "2b"]);
  // The newest of each channel are there to be seen.
  expect(ids({ bytes: 1 })).toEqual(["1a", "1b", "2a", "2b"]);
});
