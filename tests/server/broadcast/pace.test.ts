import { describe, expect, test } from "@jest/globals";
import { Pace } from "../../../server/broadcast/pace.ts";

describe("the pace of a broadcast", () => {
  test("lets ten seconds' worth come at once", async () => {
    const pace = new Pace(8_000);
    pace.add(10_000_000);
    expect(pace.isExceeded).toBe(false);
    await pace.room(new AbortController().signal);
  });

  test("asks to wait for what is beyond it, as long as it would have taken", async () => {
    const pace = new Pace(8_000);
    pace.add(10_200_000);
    expect(pace.isExceeded).toBe(true);
    const began = performance.now();
    await pace.room(new AbortController().signal);
    expect(performance.now() - began).toBeGreaterThan(150);
    expect(pace.isExceeded).toBe(false);
  });

  test("lets nobody wait who has gone", async () => {
    const pace = new Pace(100);
    pace.add(100_000_000);
    const gone = new AbortController();
    const waited = pace.room(gone.signal);
    gone.abort();
    await waited;
    await pace.room(AbortSignal.abort());
    expect(pace.isExceeded).toBe(true);
  });
});
