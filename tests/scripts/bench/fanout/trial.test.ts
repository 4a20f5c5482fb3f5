import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { makeLoop } from "../../../../scripts/bench/fanout/media.ts";
import { newcomers } from "../../../../scripts/bench/fanout/newcomers.ts";
import { buildPrograms } from "../../../../scripts/bench/fanout/programs.ts";
import { BARE, MILLRACE, type Side, tryOut } from "../../../../scripts/bench/fanout/trial.ts";

const VIEWERS = 3;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-fanout-"));
  makeLoop(folder, 1);
  buildPrograms();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const options = () => ({ folder, windowSeconds: 6, seconds: 30, batchMs: 0, refuses: false });
const sides: readonly Side[] = [
  { who: "Millrace", over: "socket", file: MILLRACE },
  { who: "bare", over: "socket", file: BARE.socket },
  { who: "Millrace", over: "hls", file: MILLRACE },
  { who: "bare", over: "hls", file: BARE.hls },
];

test("each side serves a few viewers, and all is measured", async () => {
  const trials = await Promise.all(sides.map((side) => tryOut(side, VIEWERS, { ...options(), measureSeconds: 1 })));
  for (const figures of trials) {
    expect(figures).toMatchObject({ viewers: VIEWERS, asked: VIEWERS, problems: "" });
    // 30 pictures, or five parts of two tracks, each asked for and after a reload; a busy machine is late.
    expect(figures.answersPerSecond / VIEWERS).toBeGreaterThan(5);
    expect(figures.answersPerSecond / VIEWERS).toBeLessThan(100);
    expect(figures.bitsPerSecond / VIEWERS).toBeGreaterThan(500_000);
    expect(figures.p50).toBeLessThanOrEqual(figures.p99);
    expect(figures.p99).toBeLessThan(10_000);
    expect(figures.cpuShare).toBeLessThan(1.1);
  }
});

test("newcomers are counted", async () => {
  const [side] = sides;
  if (side === undefined) throw new Error("cannot be");
  const row = await newcomers(side, { there: 2, coming: 2, perSecond: 100 }, { options: options(), seconds: 1 });
  expect(row).toMatchObject({ "newcomers that play": 2, "are refused": 0, "hear nothing": 0, reason: "" });
});
