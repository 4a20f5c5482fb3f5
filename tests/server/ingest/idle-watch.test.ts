import { describe, expect, test } from "@jest/globals";
import { IdleWatch } from "../../../server/ingest/idle-watch.ts";
import { eventually } from "../../helpers/eventually.ts";

/** Watches with a limit of 100 ms and counts how often it was called. */
function watch(options: { isPaused?: () => boolean; bytesRead?: () => number } = {}) {
  const calls: string[] = [];
  const { isPaused = () => false, ...rest } = options;
  const watched = new IdleWatch({ limitMs: 100, isPaused, onIdle: ({ message }) => calls.push(message), ...rest });
  return { watched, calls };
}

describe("silence", () => {
  test("is noticed once, with words that name the limit", async () => {
    const { calls } = watch();
    await eventually("it is noticed", () => calls.length > 0);
    expect(calls).toEqual(["nothing was sent for 0.1 s (MILLRACE_IDLE_SECONDS)"]);
  });

  test("means nothing while we do not read", async () => {
    let turns = 0;
    const { calls } = watch({ isPaused: () => ++turns <= 3 });
    const began = performance.now();
    await eventually("it is noticed", () => calls.length > 0);
    expect(turns).toBeGreaterThanOrEqual(4);
    expect(performance.now() - began).toBeGreaterThan(390);
  });

  test("is none while a large message is on its way, but answers to pings do not break it", async () => {
    let bytes = 0;
    let looks = 0;
    const { calls } = watch({
      bytesRead: () => {
        looks += 1;
        bytes += looks < 6 ? 1_000 : 6;
        return bytes;
      },
    });
    await eventually("it is noticed", () => calls.length > 0);
    expect(looks).toBeGreaterThanOrEqual(6);
  });

  test("is not noticed any more after the end", async () => {
    const first = watch();
    first.watched[Symbol.dispose]();
    const second = watch();
    await eventually("the later one is noticed", () => second.calls.length > 0);
    expect(first.calls).toEqual([]);
  });
});
