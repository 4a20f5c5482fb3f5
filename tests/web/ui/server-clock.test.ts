import { describe, expect, test } from "@jest/globals";
import { offsetOf } from "../../../web/ui/server-clock.ts";

describe("the server's clock", () => {
  test("is taken from the quickest answer, which can be wrong by half its time at most", () => {
    const samples = [
      { askedMs: 0, answeredMs: 400, serverMs: 5000 },
      { askedMs: 1000, answeredMs: 1020, serverMs: 6010 },
      { askedMs: 2000, answeredMs: 2100, serverMs: 7100 },
    ];
    expect(offsetOf(samples)).toEqual({ offsetMs: 5000, errorMs: 10 });
  });

  test("is unknown without an answer", () => {
    expect(offsetOf([])).toBeUndefined();
  });
});
