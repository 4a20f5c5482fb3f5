import { expect, test } from "@jest/globals";
import type { AudienceSample } from "../../../server/protocol/stats.ts";
import { CHARTS, Course } from "../../../web/studio/chart-data.ts";

test("a course keeps twenty minutes of what the server tells piece by piece", () => {
  const course = new Course();
  expect(course.newestAt).toBeUndefined();
  course.add([sampleAt(0), sampleAt(2)]);
  course.add([sampleAt(4)]);
  expect(course.newestAt).toBe(sampleAt(4).at);
  course.add(Array.from({ length: 600 }, (_, index) => sampleAt(6 + 2 * index)));
  expect(course.samples).toHaveLength(600);
  expect(CHARTS.flatMap(({ lines }) => lines.map(({ of }) => of(sampleAt(0))))).toEqual([1, null, 2e6, 3e6, 250]);
});

function sampleAt(second: number): AudienceSample {
  const at = new Date(Date.parse("2026-01-02T03:00:00.000Z") + second * 1000).toISOString();
  return { at, viewers: 1, delayMs: null, stalls: 0, kbpsIn: 2_000, kbpsOut: 3_000, encoderMs: 250 };
}
