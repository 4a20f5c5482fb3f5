import { describe, expect, test } from "@jest/globals";
import { readCorpus } from "../../scripts/fuzz/corpus.ts";
import { Finding, fuzz } from "../../scripts/fuzz/fuzz.ts";
import { type FuzzTarget, targets } from "../../scripts/fuzz/targets.ts";

const ROUNDS = 1_000;

describe.each(targets)("$name", (target) => {
  test("takes what has been thrown at it so far, and a thousand inputs more", () => {
    const corpus = readCorpus(target.name);
    expect(corpus.length).toBeGreaterThan(0);
    const { rounds } = fuzz(target, corpus, { seed: 1, rounds: ROUNDS, untilMs: performance.now() + 60_000 });
    expect(rounds).toBe(ROUNDS);
  });
});

const limits = { seed: 3, rounds: 50_000, untilMs: Number.POSITIVE_INFINITY };

test("a reader that fails on one rare input is found out, with the input", () => {
  const fragile: FuzzTarget = {
    name: "fragile",
    run: (input) => {
      if (input[0] === 0xff) throw new TypeError("not expected");
      return "";
    },
  };
  const found = () => fuzz(fragile, [Buffer.from("harmless")], limits);
  expect(found).toThrow(/fragile: TypeError: not expected/);
  try {
    found();
  } catch (error) {
    expect(error instanceof Finding && error.input[0]).toBe(0xff);
  }
});

test("the corpus grows by what leads somewhere new, the same for the same seed", () => {
  const deep: FuzzTarget = { name: "deep", run: (input) => String(input.byteLength) };
  const first = fuzz(deep, [Buffer.from("input")], { ...limits, rounds: 200 });
  expect(first.fresh.length).toBeGreaterThan(5);
  expect(fuzz(deep, [Buffer.from("input")], { ...limits, rounds: 200 })).toEqual(first);
});
