import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { Pulse } from "../../../server/core/pulse.ts";
import { Feed } from "../../../server/transcode/feed.ts";
import { losesGround } from "../../../server/transcode/keep-up.ts";
import type { Source } from "../../../server/transcode/source.ts";
import { quietEpoch } from "../../helpers/quiet-epoch.ts";

const limits = { lostMs: 200, checkMs: 10 };

/** An encoder that makes `speed` seconds of media in a second, with or without more to do than it can. */
function encoder(speed: number, { isBusy = true, startsMs = 0 } = {}) {
  const began = performance.now();
  const source: Source = {
    log: { ended: false, length: isBusy ? 10 : 0, start: 0, slice: async () => new Uint8Array(0), async *follow() {} },
    epochs: [],
    changed: new Pulse(),
    notify: () => {},
  };
  const epoch = quietEpoch();
  const stop = new AbortController();
  const { signal } = stop;
  const feed = new Feed({ log: source.log, init: epoch.init, from: undefined, until: () => undefined, signal });
  const slowest = () => {
    const seconds = (performance.now() - began - startsMs) / 1000;
    return seconds < 0 ? undefined : 100 + seconds * speed;
  };
  let isOver = false;
  const run = { source, epoch, feed, published: slowest, offsetSeconds: 0, signal };
  void losesGround(run, slowest, limits).then(() => {
    isOver = true;
  });
  return {
    /** Whether it was found to be too slow within `ms`. */
    async isTooSlow(ms: number): Promise<boolean> {
      const until = performance.now() + ms;
      while (!isOver && performance.now() < until) await sleep(5);
      stop.abort();
      return isOver;
    },
  };
}

test("an encoder at half of real time loses ground", async () => {
  expect(await encoder(0.5).isTooSlow(5_000)).toBe(true);
});

test("one that is just quick enough, or works off what came at once, does not", async () => {
  const both = await Promise.all([1.02, 3].map((speed) => encoder(speed).isTooSlow(700)));
  expect(both).toEqual([false, false]);
});

test("one with nothing to do does not: its publisher is slow", async () => {
  expect(await encoder(0.1, { isBusy: false }).isTooSlow(700)).toBe(false);
});

test("what passes before its first picture does not count", async () => {
  expect(await encoder(1.5, { startsMs: 500 }).isTooSlow(900)).toBe(false);
});
