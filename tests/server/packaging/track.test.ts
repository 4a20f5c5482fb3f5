import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { beginTrack, between, decoded, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { fetched, present, presentWith, rowsOf, run, trackOf } from "../../helpers/presentation.ts";

/** One frame of AAC at 48 kHz, in seconds. */
const AAC_FRAME = 1024 / 48_000;

const picture = makePicture({ seconds: 6, keysEvery: 1 });
const sound = makeSound({ seconds: 6 });

/** The presentation of picture and sound from 2 s on, finished. */
function whole() {
  const presentation = presentWith({ video0: [picture, picture.chunks], audio0: [sound, sound.chunks] });
  presentation.finish();
  return presentation;
}

const starts = (rows: readonly { start: number }[]) => rows.map(({ start }) => Number(start.toFixed(3)));
const numbers = (rows: readonly { number: number }[]) => rows.map(({ number }) => number);

describe("picture and sound", () => {
  const presentation = whole();

  test("the picture is cut on the grid, exactly", () => {
    const rows = rowsOf(presentation, "video0");
    expect(starts(rows)).toEqual([2, 4, 6]);
    for (const { seconds } of rows) expect(seconds).toBeCloseTo(2, 6);
  });

  test("the sound has the same segments, to half a chunk of two frames", () => {
    const rows = rowsOf(presentation, "audio0");
    expect(numbers(rows)).toEqual([0, 1, 2]);
    for (const [index, { start }] of rows.entries()) {
      if (index > 0) expect(Math.abs(start - (2 + 2 * index))).toBeLessThanOrEqual(AAC_FRAME + 1e-6);
    }
  });

  test("rows follow each other without a hole", () => {
    for (const name of ["video0", "audio0"]) {
      const rows = rowsOf(presentation, name);
      for (const [index, { start }] of rows.slice(1).entries()) {
        expect(start).toBeCloseTo((rows[index]?.start ?? 0) + (rows[index]?.seconds ?? 0), 6);
      }
    }
  });

  test.each([["video0", picture] as const, ["audio0", sound] as const])(
    "what a viewer fetches of %s is what the encoder sent, frame for frame",
    (name, track) => {
      const { frames, errors } = decoded(fetched(presentation, name));
      expect(errors).toBe("");
      expect(frames).toEqual(decoded(track.bytes).frames);
    },
  );

  test("each segment's parts are all of its bytes, 0.2 s each, and the first begins with a key frame", () => {
    const { window } = trackOf(presentation, "video0");
    for (const { number } of window.rows) {
      const segment = window.segment(0, number);
      expect(
        Buffer.concat(segment?.parts.map(({ bytes }) => bytes) ?? []).equals(segment?.bytes ?? Buffer.alloc(1)),
      ).toBe(true);
      for (const { duration } of segment?.parts ?? []) expect(duration).toBeLessThanOrEqual(0.2 * 90_000 + 1);
      expect(segment?.parts[0]?.independent).toBe(true);
    }
  });

  test("the track's end is where its last frame ends", () => {
    expect(trackOf(presentation, "video0").end).toBeCloseTo(8, 3);
    expect(presentation.end).toBeCloseTo(8, 1);
  });
});

test("a picture with B-frames is cut at its key frames' presentation times", () => {
  const reordered = makePicture({ seconds: 6, keysEvery: 1, bFrames: 2 });
  const presentation = presentWith({ video0: [reordered, reordered.chunks] }, { tracks: ["video"] });
  presentation.finish();
  const rows = rowsOf(presentation, "video0");
  expect(rows).toHaveLength(3);
  for (const { seconds } of rows) expect(Math.abs(seconds - 2)).toBeLessThanOrEqual(1 / 30 + 1e-6);
  const { frames, errors } = decoded(fetched(presentation, "video0"));
  expect([frames.length, errors]).toEqual([180, ""]);
});

test("with parts of one frame every chunk is a part at once", () => {
  const presentation = present({ tracks: ["video"], partSeconds: 0.01 });
  beginTrack(presentation, "video0", picture);
  const before = presentation.version;
  feed(presentation, { video0: [picture, between(picture, 2, 3)] });
  expect(presentation.version - before).toBe(30);
});

test("nothing is published before the first key frame", () => {
  const presentation = presentWith({ video0: [picture, between(picture, 2.5, 7)] }, { tracks: ["video"] });
  presentation.finish();
  expect(starts(rowsOf(presentation, "video0"))).toEqual([3, 4, 6]);
});

describe("sound", () => {
  test("from before the picture is left out, but for a quarter of a second", () => {
    const early = makeSound({ seconds: 3, from: 0 });
    const presentation = presentWith({ audio0: [early, early.chunks], video0: [picture, between(picture, 2, 4.1)] });
    presentation.finish();
    const [first] = rowsOf(presentation, "audio0");
    expect(first?.start).toBeGreaterThanOrEqual(1.75 - 2 * AAC_FRAME);
    expect(first?.start).toBeLessThan(1.75 + AAC_FRAME);
  });

  test("waits for a picture that is late and is cut where the picture is", () => {
    const presentation = present();
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "audio0", sound);
    for (const { moof, mdat } of sound.chunks) trackOf(presentation, "audio0").add(moof, mdat);
    expect(trackOf(presentation, "audio0").end).toBeUndefined();
    feed(presentation, { video0: [picture, picture.chunks] });
    presentation.finish();
    expect(numbers(rowsOf(presentation, "audio0"))).toEqual([0, 1, 2]);
  });

  test("goes on alone at the end of a broadcast that never had a picture", () => {
    const presentation = present();
    beginTrack(presentation, "audio0", sound);
    for (const { moof, mdat } of sound.chunks) trackOf(presentation, "audio0").add(moof, mdat);
    presentation.finish();
    const rows = rowsOf(presentation, "audio0");
    expect(numbers(rows)[0]).toBe(0);
    expect(rows.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(6, 1);
    expect(presentation.tracks.map(({ name }) => name)).toEqual(["audio0"]);
  });

  test("that is all there is, is cut on the grid", () => {
    const presentation = presentWith({ audio0: [sound, sound.chunks] }, { tracks: ["audio"] });
    presentation.finish();
    const rows = rowsOf(presentation, "audio0");
    for (const [index, { start }] of rows.entries()) {
      expect(Math.abs(start - (2 + 2 * index))).toBeLessThanOrEqual(AAC_FRAME + 1e-6);
    }
    for (const { seconds } of rows.slice(0, -1)) expect(seconds).toBeCloseTo(2, 1);
    expect(decoded(fetched(presentation, "audio0")).errors).toBe("");
  });
});

describe("a picture that stalls", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test("keeps sound waiting for two seconds, and is cut on the grid when it comes back", () => {
    jest.useFakeTimers();
    const presentation = presentWith({
      video0: [picture, between(picture, 2, 5.5)],
      audio0: [sound, between(sound, 0, 5.5)],
    });
    for (const { moof, mdat } of between(sound, 5.5, 7)) trackOf(presentation, "audio0").add(moof, mdat);
    expect(trackOf(presentation, "audio0").end).toBeLessThan(5.6);
    jest.advanceTimersByTime(2_100);
    presentation.wakeSound();
    expect(trackOf(presentation, "audio0").end).toBeGreaterThan(6.9);
    feed(presentation, { video0: [picture, between(picture, 5.5, 9)], audio0: [sound, between(sound, 7, 9)] });
    presentation.finish();
    expect(starts(rowsOf(presentation, "video0"))).toEqual([2, 4, 6]);
    expect(numbers(rowsOf(presentation, "audio0"))).toEqual([0, 1, 2]);
  });
});

test.each([
  { name: "30000/1001", fps: 30_000 / 1001 },
  { name: "a dark room's 6.3", fps: 6.3 },
])("at $name frames per second no frame is left out and no segment is a frame off", ({ fps }) => {
  const odd = makePicture({ seconds: 6.2, from: 2, keysEvery: 2, fps });
  const presentation = presentWith({ video0: [odd, odd.chunks] }, { tracks: ["video"] });
  presentation.finish();
  const rows = rowsOf(presentation, "video0");
  for (const { seconds } of rows.slice(0, 3)) expect(Math.abs(seconds - 2)).toBeLessThanOrEqual(1 / fps + 1e-4);
  expect(decoded(fetched(presentation, "video0")).frames).toEqual(decoded(odd.bytes).frames);
});

test("a copied picture that cannot be cut in time stops before the promised length is passed, until its next key", () => {
  const rare = makePicture({ seconds: 7, keysAt: [2, 8.3] });
  const presentation = presentWith(
    { video0: [rare, between(rare, 2, 8)] },
    { tracks: ["video"], copy: true, longestSegmentSeconds: 3 },
  );
  expect(trackOf(presentation, "video0").end).toBeCloseTo(5, 2);
});

describe("a track that skips a segment", () => {
  const presentation = present();
  beginTrack(presentation, "video0", picture);
  beginTrack(presentation, "audio0", sound);
  const heard = [...between(sound, 0, 3.97), ...between(sound, 6, 9)];
  feed(presentation, { video0: [picture, picture.chunks], audio0: [sound, heard] });
  presentation.finish();

  test("lists a gap for it, so that numbers stay those of the others", () => {
    const rows = rowsOf(presentation, "audio0");
    expect(rows.map(({ number, gap }) => [number, gap])).toEqual([
      [0, false],
      [1, true],
      [2, false],
    ]);
    expect(numbers(rows)).toEqual(numbers(rowsOf(presentation, "video0")));
  });

  test("tells each length once", () => {
    const rows = rowsOf(presentation, "audio0");
    expect(rows[0]?.seconds).toBeCloseTo(1.98, 1);
    expect(rows[1]).toMatchObject({ start: 4, seconds: 2 });
    expect(rows[2]?.start).toBeCloseTo(6, 1);
    expect(rows[2]?.seconds).toBeCloseTo(2, 1);
  });
});

describe("a restart that continues", () => {
  const expected = { starts: [2, 4, 6], runs: [0, 0, 0] };

  test("in the middle of a segment of an encoded picture goes on within it, without a seam", () => {
    const rest = makePicture({ seconds: 3.5, from: 4.5, keysAt: [4.5, 6] });
    const presentation = presentWith({ video0: [picture, between(picture, 2, 4.5)] }, { tracks: ["video"] });
    presentation.startRun(run({ tracks: ["video"], continues: true }));
    beginTrack(presentation, "video0", rest);
    feed(presentation, { video0: [rest, rest.chunks] });
    presentation.finish();
    const rows = rowsOf(presentation, "video0");
    expect(Buffer.compare(rest.init, picture.init)).toBe(0);
    expect([starts(rows), rows.map((row) => row.run)]).toEqual([expected.starts, expected.runs]);
    for (const { seconds, discontinuities } of rows) {
      expect(seconds).toBeCloseTo(2, 6);
      expect(discontinuities).toBe(0);
    }
    const { frames, errors } = decoded(fetched(presentation, "video0"));
    expect([frames.length, errors]).toEqual([180, ""]);
  });

  test("of a copied picture takes up in the middle of a group what it has not published yet, each frame once", () => {
    const presentation = presentWith(
      { video0: [picture, between(picture, 2, 4.5)], audio0: [sound, between(sound, 0, 4.4)] },
      { copy: true },
    );
    presentation.startRun(run({ continues: true, copy: true }));
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "audio0", sound);
    feed(presentation, { video0: [picture, between(picture, 4, 9)], audio0: [sound, between(sound, 4, 9)] });
    presentation.finish();
    for (const [name, track] of [["video0", picture] as const, ["audio0", sound] as const]) {
      const { frames, errors } = decoded(fetched(presentation, name));
      expect(errors).toBe("");
      expect(frames).toEqual(decoded(track.bytes).frames);
    }
    expect(starts(rowsOf(presentation, "video0"))).toEqual(expected.starts);
  });

  test("leaves the picture on the grid when the sound had already reached the next segment", () => {
    const rest = makePicture({ seconds: 4, from: 6, keysAt: [6, 8] });
    const presentation = presentWith({
      video0: [picture, between(picture, 2, 5.96)],
      audio0: [sound, between(sound, 0, 6.1)],
    });
    presentation.startRun(run({ continues: true }));
    beginTrack(presentation, "video0", rest);
    beginTrack(presentation, "audio0", sound);
    feed(presentation, { video0: [rest, rest.chunks], audio0: [sound, between(sound, 5.9, 9)] });
    presentation.finish();
    expect(starts(rowsOf(presentation, "video0"))).toEqual([2, 4, 6, 8]);
    expect(numbers(rowsOf(presentation, "video0"))).toEqual([0, 1, 2, 3]);
    const { frames, errors } = decoded(fetched(presentation, "audio0"));
    expect(errors).toBe("");
    expect(frames).toEqual(decoded(sound.bytes).frames);
  });

  test("but sends another init segment is a discontinuity on all tracks", () => {
    const larger = makePicture({ seconds: 3, from: 5, size: "320x180" });
    const presentation = presentWith({
      video0: [picture, between(picture, 2, 5)],
      audio0: [sound, between(sound, 0, 5)],
    });
    presentation.startRun(run({ continues: true }));
    beginTrack(presentation, "video0", larger);
    beginTrack(presentation, "audio0", sound);
    feed(presentation, { video0: [larger, larger.chunks], audio0: [sound, between(sound, 5, 9)] });
    presentation.finish();
    for (const name of ["video0", "audio0"]) {
      const rows = rowsOf(presentation, name);
      expect(rows.map(({ number, discontinuities }) => [number, discontinuities])).toEqual([
        [0, 0],
        [1, 0],
        [2, 1],
        [3, 1],
      ]);
    }
    expect(rowsOf(presentation, "video0").map((row) => row.run)).toEqual([0, 0, 1, 1]);
  });
});

describe("a restart that does not continue", () => {
  const rest = makePicture({ seconds: 3, from: 5, size: "320x180" });
  const later = makeSound({ seconds: 3, from: 5 });

  /** The picture of the first run ends at `pictureTo`, its sound at `soundTo`. */
  function restarted(pictureTo: number, soundTo: number) {
    const presentation = present();
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "audio0", sound);
    feed(presentation, {
      video0: [picture, between(picture, 2, pictureTo)],
      audio0: [sound, between(sound, 0, soundTo)],
    });
    presentation.startRun(run());
    beginTrack(presentation, "video0", rest);
    beginTrack(presentation, "audio0", later);
    feed(presentation, { video0: [rest, rest.chunks], audio0: [later, later.chunks] });
    presentation.finish();
    return presentation;
  }

  test("begins a new segment under its own addresses on every track", () => {
    const presentation = restarted(4.5, 4.5);
    for (const name of ["video0", "audio0"]) {
      expect(rowsOf(presentation, name).map((row) => [row.number, row.run, row.discontinuities])).toEqual([
        [0, 0, 0],
        [1, 0, 0],
        [2, 1, 1],
        [3, 1, 1],
      ]);
    }
    expect(rowsOf(presentation, "video0")[1]?.seconds).toBeCloseTo(0.5, 3);
    expect(decoded(fetched(presentation, "video0", 1)).frames).toHaveLength(90);
  });

  test("leaves no number out on a track that had not reached the last segment", () => {
    const presentation = restarted(4.1, 3.9);
    expect(numbers(rowsOf(presentation, "video0"))).toEqual([0, 1, 2, 3]);
    const rows = rowsOf(presentation, "audio0");
    expect(rows.map(({ number, gap, discontinuities }) => [number, gap, discontinuities])).toEqual([
      [0, false, 0],
      [1, true, 0],
      [2, false, 1],
      [3, false, 1],
    ]);
    for (const { seconds } of rows) {
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(2.1);
    }
  });
});

describe("refuses", () => {
  test("a chunk before its init segment", () => {
    const presentation = present();
    const [first] = picture.chunks;
    expect(() => trackOf(presentation, "video0").add(first?.moof ?? Buffer.alloc(0), Buffer.alloc(0))).toThrow(
      "a chunk came before its init segment",
    );
  });

  test("sound where a picture was announced", () => {
    expect(() => trackOf(present(), "video0").begin(sound.init)).toThrow("video0 turned out to be audio");
  });
});
