import { expect, test } from "@jest/globals";
import { summarize } from "../../../web/player/delay-meter.ts";
import { Histogram } from "../../../web/player/histogram.ts";

test("the measured delay is summed up by its middle and its ends", () => {
  const delays = new Histogram();
  for (let ms = 1; ms <= 200; ms += 1) delays.add(ms);
  expect(summarize(delays)).toEqual({ p5: 10, p50: 100, p95: 190, p99: 198, pictures: 200 });
});

test("it is unknown without a picture", () => {
  expect(summarize(new Histogram())).toBeUndefined();
});
