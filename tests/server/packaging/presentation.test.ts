import { describe, expect, test } from "@jest/globals";
import { manifest } from "../../../server/packaging/dash.ts";
import { multivariantPlaylist } from "../../../server/packaging/hls.ts";
import type { RunInit, Segment } from "../../../server/packaging/segment.ts";
import { beginTrack, between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present, presentWith, rowsOf, run } from "../../helpers/presentation.ts";

const picture = makePicture({ seconds: 9 });
const small = makePicture({ seconds: 6, size: "80x46", fps: 15 });
const sound = makeSound({ seconds: 9 });

describe("is ready", () => {
  test("as soon as every track has a segment, not before", () => {
    const presentation = presentWith({
      video0: [picture, between(picture, 2, 4)],
      audio0: [sound, between(sound, 0, 4)],
    });
    expect(presentation.isReady).toBe(false);
    feed(presentation, { video0: [picture, between(picture, 4, 4.02)] });
    expect([presentation.isReady, presentation.tracks.length]).toEqual([false, 1]);
    feed(presentation, { video0: [picture, between(picture, 4.02, 4.2)], audio0: [sound, between(sound, 4, 4.2)] });
    expect([presentation.isReady, presentation.tracks.length]).toEqual([true, 2]);
  });

  test("without a track that sends nothing, once the others have three segments", () => {
    const presentation = presentWith({ video0: [picture, between(picture, 2, 7.9)] });
    expect(presentation.isReady).toBe(false);
    feed(presentation, { video0: [picture, between(picture, 7.9, 8.1)] });
    expect([presentation.isReady, presentation.tracks.map(({ name }) => name)]).toEqual([true, ["video0"]]);
  });

  test("when it has ended with anything at all", () => {
    const presentation = presentWith({ video0: [picture, between(picture, 2, 3)] });
    presentation.finish();
    expect(presentation.isReady).toBe(true);
  });

  test("never with nothing", () => {
    const presentation = present();
    presentation.finish();
    expect([presentation.isReady, presentation.tracks, presentation.end]).toEqual([false, [], undefined]);
  });
});

test("two rungs of different rates have the same segments", () => {
  const presentation = presentWith(
    { video1: [small, small.chunks], video0: [picture, between(picture, 2, 8)] },
    { tracks: ["video", "video"] },
  );
  presentation.finish();
  const cut = (name: string) =>
    rowsOf(presentation, name).map(({ number, start, seconds }) => [number, start, seconds]);
  expect(cut("video0")).toEqual([
    [0, 2, 2],
    [1, 4, 2],
    [2, 6, 2],
  ]);
  expect(cut("video1")).toEqual(cut("video0"));
});

test("the target duration is the first run's and never changes", () => {
  const presentation = present({ longestSegmentSeconds: 3 });
  presentation.startRun(run({ longestSegmentSeconds: 2 }));
  expect(presentation.targetSeconds).toBe(3);
});

test("runs are numbered from 0", () => {
  const presentation = present();
  expect([presentation.startRun(run()), presentation.startRun(run({ continues: true }))]).toEqual([1, 2]);
});

test("whoever waits is woken by every part and by the end", async () => {
  const presentation = present({ tracks: ["video"] });
  beginTrack(presentation, "video0", picture);
  const { signal } = new AbortController();
  const part = presentation.moved.wait(signal);
  feed(presentation, { video0: [picture, between(picture, 2, 2.3)] });
  await part;
  const end = presentation.moved.wait(signal);
  presentation.finish();
  await end;
  expect(presentation.moved.waiting).toBe(0);
});

test("its version changes with every part, segment and the end, and with nothing else", () => {
  const presentation = present({ tracks: ["video"] });
  const versions = [presentation.version];
  beginTrack(presentation, "video0", picture);
  versions.push(presentation.version);
  feed(presentation, { video0: [picture, between(picture, 2, 2.1)] });
  versions.push(presentation.version);
  expect(new Set(versions).size).toBe(1);
  feed(presentation, { video0: [picture, between(picture, 2.1, 2.3)] });
  expect(presentation.version).toBeGreaterThan(versions[0] ?? 0);
  presentation.finish();
  const ended = presentation.version;
  presentation.finish();
  expect([presentation.version, presentation.ended]).toEqual([ended, true]);
});

test("the keeper is given every init segment and every segment once", () => {
  const kept: string[] = [];
  const keeper = {
    run: () => {},
    init: (track: string, init: RunInit) => kept.push(`${track} init ${init.run}`),
    segment: (track: string, { row }: Segment) => kept.push(`${track} ${row.run}/${row.number}`),
  };
  const presentation = presentWith({ video0: [picture, between(picture, 2, 5)] }, { tracks: ["video"], keeper });
  presentation.startRun(run({ tracks: ["video"] }));
  beginTrack(presentation, "video0", picture);
  feed(presentation, { video0: [picture, between(picture, 5, 7)] });
  presentation.finish();
  const expected = ["init 0", "0/0", "init 1", "0/1", "1/2", "1/3"];
  expect(kept).toEqual(expected.map((what) => `video0 ${what}`));
});

describe("a picture that is not made any more while another one is", () => {
  const again = makePicture({ seconds: 8, from: 12 });

  function dropped(windowSeconds = 60) {
    const presentation = presentWith(
      { video0: [picture, between(picture, 2, 7)], video1: [small, between(small, 2, 6.5)] },
      { tracks: ["video", "video"], windowSeconds },
    );
    presentation.startRun(run({ tracks: ["video"], anchor: { seconds: 12, wallMs: 1_700_000_010_000 } }));
    beginTrack(presentation, "video0", again);
    feed(presentation, { video0: [again, again.chunks] });
    return presentation;
  }

  test("is not offered to anybody, and what there is of it stays where it was", () => {
    const presentation = dropped();
    expect(presentation.tracks.map(({ name }) => name)).toEqual(["video0"]);
    expect(presentation.begun.map(({ name }) => name)).toEqual(["video0"]);
    expect(multivariantPlaylist(presentation, "")).not.toContain("video1");
    expect(rowsOf(presentation, "video1").map(({ start, seconds }) => [start, seconds])).toEqual([
      [2, 2],
      [4, 2],
      [6, expect.closeTo(0.5, 1)],
    ]);
    const periods = manifest(presentation, { extent: "window", folder: "", clockUrl: "/time", nowMs: 0 })
      .split("<Period ")
      .slice(1)
      .map((period) => [...period.matchAll(/Representation id="(\w+)"/g)].map(([, id]) => id));
    expect(periods).toEqual([["video0", "video1"], ["video0"]]);
  });

  test("leaves the manifest with its period", () => {
    const presentation = dropped(4);
    const text = manifest(presentation, { extent: "window", folder: "", clockUrl: "/time", nowMs: 0 });
    expect(text.match(/<Period /g)).toHaveLength(1);
    expect(text).not.toContain("video1");
  });

  test("is in a recording's manifest, where periods say what there was when", () => {
    const presentation = dropped();
    presentation.finish();
    const text = manifest(presentation, { extent: "all", folder: "", clockUrl: "", nowMs: 0 });
    expect(text.match(/id="video1"/g)).toHaveLength(1);
    expect(multivariantPlaylist(presentation, "")).not.toContain("video1");
  });
});
