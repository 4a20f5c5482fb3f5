import { describe, expect, test } from "@jest/globals";
import { wallMs } from "../../../server/core/clock.ts";
import { Pulse } from "../../../server/core/pulse.ts";
import { Feed } from "../../../server/transcode/feed.ts";
import type { Source, SourceLog, SourcePoint } from "../../../server/transcode/source.ts";
import { fallsBehind, stalls, type WatchedRun } from "../../../server/transcode/watch.ts";
import { eventually } from "../../helpers/eventually.ts";
import { quietEpoch } from "../../helpers/quiet-epoch.ts";

const limits = { lagMs: 30_000, stallMs: 60, startMs: 90, checkMs: 10 };

/** A run that has read nothing of `length` bytes; `looks` counts how often the watch has looked at it. */
function runOf({ length, waiting }: { readonly length: number; readonly waiting?: SourcePoint }) {
  let looks = 0;
  const log: SourceLog = {
    ended: false,
    get length() {
      looks++;
      return length;
    },
    start: 0,
    slice: async () => new Uint8Array(0),
    async *follow() {},
  };
  const source: Source = { log, epochs: [], changed: new Pulse(), notify: () => {} };
  const epoch = quietEpoch({
    newestResync: waiting,
    resyncBefore: () => waiting,
    resyncAfter: () => {
      looks++;
      return waiting;
    },
  });
  const stop = new AbortController();
  const { signal } = stop;
  const feed = new Feed({ log, init: epoch.init, from: undefined, until: () => undefined, signal });
  const run: WatchedRun = { source, epoch, feed, published: () => undefined, offsetSeconds: 0, signal };
  return { run, stop, looks: () => looks };
}

/** Whether a wait is over by the time that the watch has looked so many times. */
async function isOverAfter(looks: number, wait: Promise<unknown>, seen: () => number): Promise<boolean> {
  let over = false;
  void wait.then(() => {
    over = true;
  });
  await eventually("the watch has looked", () => over || seen() >= looks);
  return over;
}

describe("an encoder falls behind", () => {
  const waiting = { offset: 10, time: 1, arrivedMs: wallMs() - 60_000 };

  test("when what it has not read yet came long ago", async () => {
    const { run, stop, looks } = runOf({ length: 20, waiting });
    expect(await isOverAfter(3, fallsBehind(run, 0, limits), looks)).toBe(true);
    stop.abort();
  });

  test("but not by what had come before it could begin", async () => {
    const { run, stop, looks } = runOf({ length: 20, waiting });
    expect(await isOverAfter(10, fallsBehind(run, wallMs(), limits), looks)).toBe(false);
    stop.abort();
  });

  test("but not when it has published more than time went by: a file is sent faster than that", async () => {
    const { run, stop, looks } = runOf({ length: 20, waiting });
    const epoch = { ...run.epoch, firstTime: 100, arrivedMs: wallMs() - 90_000 };
    const since = (seconds: number) => ({ ...run, epoch, offsetSeconds: 2, published: () => 102 + seconds });
    expect(await isOverAfter(10, fallsBehind(since(80), 0, limits), looks)).toBe(false);
    expect(await isOverAfter(20, fallsBehind(since(50), 0, limits), looks)).toBe(true);
    stop.abort();
  });
});

describe("an encoder stalls", () => {
  test("when there is something to do and it does nothing", async () => {
    const { run, stop } = runOf({ length: 20 });
    let published: number | undefined;
    const stalled = stalls({ ...run, published: () => published }, limits);
    published = 1;
    expect((await stalled).message).toBe("FFmpeg did nothing for 0.06 s");
    stop.abort();
  });

  test("later when it has not given anything yet", async () => {
    const { run, stop } = runOf({ length: 20 });
    expect((await stalls(run, limits)).message).toBe("FFmpeg did nothing for 0.09 s");
    stop.abort();
  });

  test("but not while there is nothing to do: the publisher may be away", async () => {
    const { run, stop, looks } = runOf({ length: 0 });
    expect(await isOverAfter(20, stalls(run, limits), looks)).toBe(false);
    stop.abort();
  });
});
