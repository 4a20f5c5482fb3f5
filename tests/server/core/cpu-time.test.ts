import { expect, test } from "@jest/globals";
import { cpuSecondsOf } from "../../../server/core/cpu-time.ts";

test("a process that works uses processor time, one that is not there has none", () => {
  const before = cpuSecondsOf(process.pid) ?? Number.NaN;
  const until = process.cpuUsage().user + 100_000;
  let sum = 0;
  while (process.cpuUsage().user < until) sum += Math.sqrt(sum + 1);
  expect((cpuSecondsOf(process.pid) ?? 0) - before).toBeGreaterThanOrEqual(0.09);
  expect(cpuSecondsOf(2 ** 30)).toBeUndefined();
});
