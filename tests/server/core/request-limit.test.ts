import { describe, expect, test } from "@jest/globals";
import { RequestLimit } from "../../../server/core/request-limit.ts";

/** Two a second, on a clock that the test moves. */
function limit(exempt: readonly string[] = []) {
  let nowMs = 0;
  const limited = new RequestLimit({ perSecond: 2, exempt, now: () => nowMs });
  return { limited, pass: (ms: number) => (nowMs += ms) };
}

describe("an address", () => {
  test("may make five seconds' worth of requests at once, and then so many a second", () => {
    const { limited, pass } = limit();
    const answers = Array.from({ length: 12 }, () => limited.take("192.0.2.1"));
    expect(answers).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    pass(1_000);
    expect(Array.from({ length: 3 }, () => limited.take("192.0.2.1"))).toEqual([0, 0, 1]);
  });

  test("is not punished for what others do", () => {
    const { limited } = limit();
    for (let turn = 0; turn < 50; turn++) limited.take("192.0.2.1");
    expect(limited.take("192.0.2.2")).toBe(0);
  });

  test("that is exempt may make any number", () => {
    const { limited } = limit(["192.0.2.0/24"]);
    expect(Array.from({ length: 100 }, () => limited.take("192.0.2.9"))).not.toContain(1);
    expect(limited.size).toBe(0);
  });

  test("that has been quiet is forgotten", () => {
    const { limited, pass } = limit();
    for (let host = 0; host < 200; host++) limited.take(`192.0.2.${host}`);
    expect(limited.size).toBe(200);
    pass(10_000);
    limited.take("198.51.100.1");
    expect(limited.size).toBe(1);
  });
});
