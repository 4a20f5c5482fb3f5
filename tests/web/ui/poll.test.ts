import { describe, expect, test } from "@jest/globals";
import { pause, poll } from "../../../web/ui/poll.ts";

describe("asking again and again", () => {
  test("ends with its signal, in the middle of a wait", async () => {
    const stop = new AbortController();
    let rounds = 0;
    const round = async () => {
      rounds += 1;
      setTimeout(() => stop.abort(), 1);
    };
    await poll(round, 60_000, stop.signal);
    expect(rounds).toBe(1);
  });

  test("goes on until then", async () => {
    const stop = new AbortController();
    let rounds = 0;
    const round = async () => {
      rounds += 1;
      if (rounds === 3) stop.abort();
    };
    await poll(round, 1, stop.signal);
    expect(rounds).toBe(3);
  });

  test("does not begin after its signal", async () => {
    await expect(pause(60_000, AbortSignal.abort())).resolves.toBeUndefined();
  });
});
