import { describe, expect, jest, test } from "@jest/globals";
import { Climb } from "../../../web/player/climb.ts";

describe("the way back to the best engine", () => {
  test("is tried after 30 s, then more and more seldom, until it is open", async () => {
    jest.useFakeTimers();
    const probedAt: number[] = [];
    let opened = 0;
    const climb = new Climb({
      probe: async () => {
        probedAt.push(Math.round(performance.now() / 1000));
        return probedAt.length === 5;
      },
      onOpen: () => {
        opened += 1;
        climb.stop();
      },
    });
    const beganAt = Math.round(performance.now() / 1000);
    climb.start();
    climb.start();
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(probedAt.map((at) => at - beganAt)).toEqual([30, 90, 210, 450, 930]);
    expect(opened).toBe(1);
    climb.start();
    await jest.advanceTimersByTimeAsync(40_000);
    expect(probedAt).toHaveLength(6);
    climb.stop();
    jest.useRealTimers();
  });

  test("is left alone once nobody wants it", async () => {
    jest.useFakeTimers();
    let finish: (isOpen: boolean) => void = () => {};
    let opened = 0;
    const climb = new Climb({
      probe: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      onOpen: () => {
        opened += 1;
      },
    });
    climb.start();
    await jest.advanceTimersByTimeAsync(30_000);
    climb.stop();
    finish(true);
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(opened).toBe(0);
    jest.useRealTimers();
  });
});
