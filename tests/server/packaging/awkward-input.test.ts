import { describe, expect, test } from "@jest/globals";
import { parse } from "mpd-parser";
import { manifest } from "../../../server/packaging/dash.ts";
import { livePlaylist } from "../../../server/packaging/hls.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { beginTrack, between, type CmafChunk, type CmafTrack, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { PlaylistWatch, readLive } from "../../helpers/playlist-watch.ts";
import { present, rowsOf, run, trackOf } from "../../helpers/presentation.ts";

type Pieces = Readonly<Record<string, [CmafTrack, readonly CmafChunk[]]>>;

/** Looks at the playlists of a presentation after everything that happens to it. */
class Watched {
  readonly presentation: Presentation;
  readonly #watches = new Map<string, PlaylistWatch>();
  readonly #starts = new Map<string, string>();
  #version = -1;

  constructor(presentation: Presentation) {
    this.presentation = presentation;
  }

  begin(tracks: Readonly<Record<string, CmafTrack>>): void {
    for (const [name, track] of Object.entries(tracks)) beginTrack(this.presentation, name, track);
  }

  /** Gives chunks in the order of their times and looks after each. */
  feed(tracks: Pieces): void {
    const all = Object.entries(tracks).flatMap(([name, [track, chunks]]) =>
      chunks.map((chunk) => ({
        name,
        track,
        chunk,
        end: (chunk.info.decodeTime + chunk.info.duration) / track.info.timescale,
      })),
    );
    for (const { name, track, chunk } of all.toSorted((a, b) => a.end - b.end)) {
      this.presentation.track(name)?.add(chunk.moof, chunk.mdat);
      if (track.kind === "video") this.presentation.wakeSound();
      this.#look();
    }
  }

  finish(): void {
    this.presentation.finish();
    this.#look();
  }

  segments(name: string): number {
    return this.#watches.get(name)?.segments ?? 0;
  }

  #look(): void {
    const { isReady, version } = this.presentation;
    if (!isReady || version === this.#version) return;
    this.#version = version;
    for (const track of this.presentation.tracks) {
      const watch = this.#watches.get(track.name) ?? new PlaylistWatch();
      this.#watches.set(track.name, watch);
      watch.look(livePlaylist(this.presentation, track));
    }
    this.#lookAtManifest();
  }

  /** A live manifest is read by a parser of others, and says of what began where it began, always the same. */
  #lookAtManifest(): void {
    const text = manifest(this.presentation, { extent: "window", folder: "", clockUrl: "/time", nowMs: 0 });
    parse(text, { manifestUri: "http://host/live/channel/manifest.mpd" });
    const [, zero] = /availabilityStartTime="([^"]*)"/.exec(text) ?? [];
    const starts = [...text.matchAll(/<Period id="([^"]*)" start="([^"]*)"/g)].map(([, id, start]) => [id, start]);
    if (zero !== undefined) starts.push(["all", zero]);
    for (const [name = "", start = ""] of starts) {
      expect([name, this.#starts.get(name) ?? start]).toEqual([name, start]);
      this.#starts.set(name, start);
    }
  }
}

const sound = makeSound({ seconds: 13 });
const picture = makePicture({ seconds: 13 });

const sources = [
  { name: "key frames every 1.04 s, passed through", copy: true, fps: 30, keysAt: everyAfter(1.04) },
  {
    name: "key frames early and late, passed through",
    copy: true,
    fps: 30,
    keysAt: [2, 2.9, 4.4, 5.2, 6.1, 8.3, 9.9, 12, 12.1, 14],
  },
  { name: "key frames 2.7 s apart, passed through", copy: true, fps: 30, keysAt: everyAfter(2.7) },
  { name: "24 frames per second", copy: false, fps: 24, keysAt: everyAfter(2) },
  { name: "15 frames per second", copy: false, fps: 15, keysAt: everyAfter(2) },
  { name: "12 frames per second", copy: false, fps: 12, keysAt: everyAfter(2) },
  { name: "8 frames per second", copy: false, fps: 8, keysAt: everyAfter(2) },
  { name: "one frame per second", copy: false, fps: 1, keysAt: everyAfter(2) },
  { name: "thirteen frames in ten seconds", copy: false, fps: 1.3, keysAt: [2, 4.3, 6.6, 8.1, 10.4, 12.7, 14.2] },
];

function everyAfter(interval: number): number[] {
  return Array.from({ length: Math.ceil(13 / interval) }, (_, index) => 2 + index * interval);
}

describe("at every moment the playlists and manifests obey their rules", () => {
  test.each(sources)("with $name", ({ copy, fps, keysAt }) => {
    const made = makePicture({ seconds: 13, fps, keysAt });
    const watched = new Watched(present({ copy, longestSegmentSeconds: copy ? 3 : 2 }));
    watched.begin({ video0: made, audio0: sound });
    watched.feed({ video0: [made, made.chunks], audio0: [sound, sound.chunks] });
    watched.finish();
    for (const name of ["video0", "audio0"]) expect(watched.segments(name)).toBeGreaterThanOrEqual(4);
  });

  test("with parts of one frame", () => {
    const watched = new Watched(present({ partSeconds: 0.02 }));
    watched.begin({ video0: picture, audio0: sound });
    watched.feed({ video0: [picture, between(picture, 2, 8)], audio0: [sound, between(sound, 0, 8)] });
    const { partTarget, segments } = readLive(
      livePlaylist(watched.presentation, trackOf(watched.presentation, "video0")),
    );
    expect([partTarget, segments.at(-2)?.parts.length]).toEqual([0.036, 60]);
  });

  test("with times that begin at ten hours", () => {
    const late = makePicture({ seconds: 7, from: 36_000 });
    const heard = makeSound({ seconds: 7, from: 36_000 });
    const watched = new Watched(present({ anchor: { seconds: 36_000, wallMs: 1_700_000_000_000 } }));
    watched.begin({ video0: late, audio0: heard });
    watched.feed({ video0: [late, late.chunks], audio0: [heard, heard.chunks] });
    const { presentation } = watched;
    const [first] = readLive(livePlaylist(presentation, trackOf(presentation, "video0"))).segments;
    expect(new Date(first?.date ?? 0).getTime()).toBe(1_700_000_000_000);
    const text = manifest(presentation, { extent: "window", folder: "", clockUrl: "/time", nowMs: 0 });
    expect(text).toContain(`<Period id="p0" start="PT36000.02S">`);
    expect(text).toContain(`presentationTimeOffset="3240001800"`);
  });

  test.each([
    { name: "that never comes", heard: [] },
    { name: "that begins late", heard: between(sound, 7, 20) },
    { name: "that is away for a while", heard: [...between(sound, 0, 5), ...between(sound, 9.5, 20)] },
    { name: "that stops", heard: between(sound, 0, 5) },
  ])("with sound $name", ({ heard }) => {
    const watched = new Watched(present());
    watched.begin({ video0: picture, audio0: sound });
    watched.feed({ video0: [picture, picture.chunks], audio0: [sound, heard] });
    watched.finish();
    expect(watched.segments("video0")).toBe(7);
    const numbers = rowsOf(watched.presentation, "audio0").map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });

  test.each([
    { name: "alone", tracks: ["video"] as const },
    { name: "with sound that goes on", tracks: ["video", "audio"] as const },
  ])("with a screen that does not change for 5 s, $name", ({ tracks }) => {
    const still = makePicture({ seconds: 13, pause: [2.5, 7.5], keysAt: [2, 4, 9.5, 10, 12, 14] });
    const watched = new Watched(present({ tracks }));
    watched.begin({ video0: still, audio0: sound });
    watched.feed({ video0: [still, still.chunks], ...(tracks.length > 1 ? { audio0: [sound, sound.chunks] } : {}) });
    watched.finish();
    const rows = rowsOf(watched.presentation, "video0");
    expect(rows.map(({ number, gap }) => [number, gap])).toEqual([
      [0, false],
      [1, false],
      [2, true],
      [3, false],
      [4, false],
      [5, false],
      [6, false],
    ]);
    for (const { start, seconds, number } of rows) expect(start + seconds).toBeLessThanOrEqual(2 * number + 4 + 0.05);
  });

  test("with an encoder that begins anew, with another picture, twice", () => {
    const watched = new Watched(present());
    let from = 2;
    for (const size of ["160x90", "320x180", "160x90"]) {
      const made = makePicture({
        seconds: 4.3,
        from,
        size,
        keysAt: [from, Math.ceil(from / 2) * 2, Math.ceil(from / 2) * 2 + 2],
      });
      const heard = makeSound({ seconds: 4.2, from });
      if (from > 2)
        watched.presentation.startRun(
          run({ anchor: { seconds: from, wallMs: 1_700_000_000_000 + (from - 2) * 1000 } }),
        );
      watched.begin({ video0: made, audio0: heard });
      watched.feed({ video0: [made, made.chunks], audio0: [heard, heard.chunks] });
      from += 6.7;
    }
    watched.finish();
    const discontinuities = rowsOf(watched.presentation, "video0").map((row) => row.discontinuities);
    expect([discontinuities[0], discontinuities.at(-1)]).toEqual([0, 2]);
  });
});

test("a period of the manifest begins with the first chunk after a discontinuity, not with the first whole segment", () => {
  const presentation = present();
  const watched = new Watched(presentation);
  watched.begin({ video0: picture, audio0: sound });
  watched.feed({ video0: [picture, between(picture, 2, 6)], audio0: [sound, between(sound, 0, 6)] });
  const other = makePicture({ seconds: 3, from: 20, size: "320x180" });
  const heard = makeSound({ seconds: 3, from: 20 });
  presentation.startRun(run({ anchor: { seconds: 20, wallMs: 1_700_000_018_000 } }));
  watched.begin({ video0: other, audio0: heard });
  watched.feed({ video0: [other, between(other, 20, 20.2)], audio0: [heard, between(heard, 0, 20.2)] });
  const text = manifest(presentation, { extent: "window", folder: "", clockUrl: "/time", nowMs: 0 });
  const [, period = ""] = text.split(`<Period id="p1" start="PT20.02S">`);
  expect(period).toContain(`media="video0/1/$Number$.m4s" startNumber="2" duration="180000"`);
  expect(period).toContain(`media="audio0/1/$Number$.m4s" startNumber="2"`);
});
