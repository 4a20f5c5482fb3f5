import { expect, test } from "@jest/globals";
import { findLimit } from "../../../../scripts/bench/fanout/limit.ts";

async function search(limit: number, { start = 800, max = 4000, precision = 1.15 } = {}) {
  const tried: number[] = [];
  const found = await findLimit({ start, max, precision }, async (count) => {
    tried.push(count);
    return count <= limit;
  });
  return { found, tried };
}

test.each([
  { limit: 1450, tried: [800, 1600, 1200, 1400], found: 1400 },
  { limit: 300, tried: [800, 400, 200, 300, 350, 325], found: 300 },
  { limit: 0, tried: [800, 400, 200, 100, 50, 25, 12, 6, 3, 1], found: 0 },
  { limit: 9999, tried: [800, 1600, 3200, 4000], found: 4000 },
])("doubles, then halves the distance: $limit", async ({ limit, ...expected }) => {
  expect(await search(limit)).toEqual(expected);
});

test("finds the exact number where that is asked for", async () => {
  expect((await search(1234, { precision: 1 })).found).toBe(1234);
});

test("begins at the most that may be tried", async () => {
  expect(await search(100, { start: 3, max: 2 })).toEqual({ found: 2, tried: [2] });
});
