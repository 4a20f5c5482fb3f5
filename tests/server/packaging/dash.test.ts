import { describe, expect, test } from "@jest/globals";
import { parse } from "mpd-parser";
import { manifest } from "../../../server/packaging/dash.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { beginTrack, between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { brokenPicture, presentWith, run, trackOf } from "../../helpers/presentation.ts";

const picture = makePicture({ seconds: 7 });
const larger = makePicture({ seconds: 3, from: 20, size: "320x180" });
const sound = makeSound({ seconds: 7 });

const NOW = 1_700_000_009_000;

function liveManifest(presentation: Presentation): string {
  const clockUrl = "http://host:8080/time?a=1&b=2";
  return manifest(presentation, { extent: "window", folder: "0190/", clockUrl, nowMs: NOW });
}

function parsed(text: string) {
  return parse(text, { manifestUri: "http://host/live/channel/manifest.mpd" });
}

function pictureOnly(windowSeconds = 60): Presentation {
  const presentation = presentWith({ video0: [picture, picture.chunks] }, { tracks: ["video"], windowSeconds });
  return presentation;
}

function both(): Presentation {
  const presentation = presentWith({ video0: [picture, picture.chunks], audio0: [sound, sound.chunks] });
  return presentation;
}

function broken(): Presentation {
  return brokenPicture([picture, between(picture, 2, 5)], larger, { seconds: 20, wallMs: 1_700_000_003_500 });
}

/** Sound that has nothing for the second segment before the break. */
function lacking(): Presentation {
  const laterSound = makeSound({ seconds: 3, from: 20 });
  const before = [picture, between(picture, 2, 5.01)] as const;
  const presentation = presentWith({ video0: [...before], audio0: [sound, between(sound, 2, 3.9)] });
  presentation.startRun(run({ anchor: { seconds: 20, wallMs: 1_700_000_003_500 } }));
  beginTrack(presentation, "video0", larger);
  beginTrack(presentation, "audio0", laterSound);
  feed(presentation, { video0: [larger, larger.chunks], audio0: [laterSound, laterSound.chunks] });
  presentation.finish();
  return presentation;
}

/** The address of segment `number` of the first picture, and when it can be asked for, as a player reckons. */
function addressed(text: string, number: number): { readonly address: string; readonly availableMs: number } {
  const attribute = (name: string) => Number(new RegExp(` ${name}="([^"]*)"`).exec(text)?.[1]);
  const media = / media="([^"]*)"/.exec(text)?.[1] ?? "";
  const nominal = ((number - attribute("startNumber")) * attribute("duration")) / attribute("timescale");
  const availability = attribute("duration") / attribute("timescale") - attribute("availabilityTimeOffset");
  const period = Number(/<Period [^>]*start="PT([\d.]+)S"/.exec(text)?.[1]);
  const start = Date.parse(/availabilityStartTime="([^"]*)"/.exec(text)?.[1] ?? "") + period * 1000;
  return { address: media.replace("$Number$", String(number)), availableMs: start + (nominal + availability) * 1000 };
}

describe("what is not there", () => {
  const text = manifest(lacking(), { extent: "all", folder: "", clockUrl: "", nowMs: NOW });

  test("is not listed at the end of a period", () => {
    expect(trackOf(lacking(), "audio0").window.rows.map(({ gap }) => gap)).toContain(true);
    const [before] = text.split("</Period>");
    const [, ofSound = ""] = before?.split('contentType="audio"') ?? [];
    expect(ofSound.match(/<S /g)).toHaveLength(1);
  });

  test("leaves whole numbers of ticks", () => {
    for (const [, ticks] of text.matchAll(/<S [^>]*d="([^"]*)"/g)) expect(ticks).toMatch(/^\d+$/);
  });
});

describe("a live manifest", () => {
  test("of a picture, whole", () => {
    const presentation = pictureOnly();
    expect(liveManifest(presentation)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT0.5S" maxSegmentDuration="PT2.02S" type="dynamic" availabilityStartTime="2023-11-14T22:13:18.000Z" publishTime="2023-11-14T22:13:29.000Z" minimumUpdatePeriod="PT1.01S" timeShiftBufferDepth="PT6S" suggestedPresentationDelay="PT4S">
  <ServiceDescription id="0">
    <Latency target="450" min="300" max="3000" referenceId="0"/>
    <PlaybackRate min="0.96" max="1.04"/>
  </ServiceDescription>
  <Period id="p0" start="PT2.02S">
    <AdaptationSet id="0" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
      <ProducerReferenceTime id="0" inband="true" type="encoder" wallClockTime="2023-11-14T22:13:24.000Z" presentationTime="540000"/>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="video0" codecs="avc1.42c00b" bandwidth="${trackOf(presentation, "video0").window.peakBitrate}" width="160" height="90" frameRate="30">
        <SegmentTemplate timescale="90000" presentationTimeOffset="181800" initialization="0190/video0/0/init.mp4" media="0190/video0/0/$Number$.m4s" startNumber="0" duration="180000" availabilityTimeOffset="1.987" availabilityTimeComplete="false"/>
      </Representation>
    </AdaptationSet>
  </Period>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="http://host:8080/time?a=1&amp;b=2"/>
</MPD>
`);
  });

  test("is what a parser of others understands, picture and sound", () => {
    const { playlists, mediaGroups, minimumUpdatePeriod } = parsed(liveManifest(both()));
    expect([minimumUpdatePeriod, playlists?.[0]?.endList]).toEqual([1_010, false]);
    expect(playlists?.map(({ attributes }) => attributes)).toMatchObject([
      { CODECS: "avc1.42c00b", RESOLUTION: { width: 160, height: 90 }, "FRAME-RATE": 30 },
    ]);
    const [group] = Object.values(mediaGroups?.AUDIO?.audio ?? {});
    const [heard] = group?.playlists ?? [];
    expect(heard?.attributes.CODECS).toBe("mp4a.40.2");
    for (const { duration } of heard?.segments ?? []) expect(duration).toBe(2);
  });

  test("promises each segment for when its first chunk is there, and says when that came to the encoder", () => {
    const text = liveManifest(both());
    const anchorMs = 1_700_000_000_000;
    const at = (seconds: number) => (seconds - 2) * 1000;
    for (const [number, start] of [2, 4, 6, 8].entries()) {
      const { address, availableMs } = addressed(text, number);
      expect(address).toBe(`0190/video0/0/${number}.m4s`);
      expect(availableMs - anchorMs - at(start)).toBeCloseTo(1000 / 30, -1);
    }
    const references = [...text.matchAll(/<ProducerReferenceTime .* wallClockTime="(.*)" presentationTime="(\d+)"/g)];
    const [seen = 0, heard = 0] = references.map(([, wall = "", ticks], index) => {
      return Date.parse(wall) - anchorMs - at(Number(ticks) / (index === 0 ? 90_000 : 48_000));
    });
    expect(Math.abs(seen)).toBeLessThanOrEqual(1);
    expect(Math.abs(heard)).toBeLessThanOrEqual(1);
  });

  test("announces segments earlier by less than the longest lasts, as the DASH-IF wants it", () => {
    const text = liveManifest(both());
    const longest = Number(/maxSegmentDuration="PT([\d.]+)S"/.exec(text)?.[1]);
    const offsets = [...text.matchAll(/availabilityTimeOffset="([\d.]+)"/g)].map(([, offset]) => Number(offset));
    expect(offsets).toHaveLength(2);
    for (const offset of offsets) expect(offset).toBeLessThan(longest);
  });

  test("of a window that has moved says the same of where it began", () => {
    const [whole, moved] = [liveManifest(pictureOnly()), liveManifest(pictureOnly(4))];
    expect(moved).toBe(whole.replace(`timeShiftBufferDepth="PT6S"`, `timeShiftBufferDepth="PT4S"`));
  });

  test("begins a period at a discontinuity, with the run's own addresses, and lists what is complete", () => {
    const text = liveManifest(broken());
    expect([...text.matchAll(/<Period id="(\w+)"/g)].map(([, id]) => id)).toEqual(["p0", "p1"]);
    const [before, after] = text.split(`<Period id="p1"`);
    expect(before).toContain(`media="0190/video0/0/$Number$.m4s" startNumber="0"`);
    expect(before).toContain(`<S t="180000" d="180000"/>`);
    expect(before).toContain(`<S d="90000"/>`);
    expect(after).toContain(
      `initialization="0190/video0/1/init.mp4" media="0190/video0/1/$Number$.m4s" startNumber="2"`,
    );
    expect(after).toContain(`duration="180000" availabilityTimeOffset=`);
    expect([before?.includes(`width="160" height="90"`), after?.includes(`width="320" height="180"`)]).toEqual([
      true,
      true,
    ]);
  });

  test("keeps where the presentation began when what is numbered becomes listed", () => {
    const presentation = presentWith({ video0: [picture, between(picture, 2, 5)] }, { tracks: ["video"] });
    const start = /availabilityStartTime="[^"]*"|<Period id="p0" start="[^"]*"/g;
    const before = liveManifest(presentation).match(start);
    presentation.startRun(run({ tracks: ["video"], anchor: { seconds: 20, wallMs: 1_700_000_003_500 } }));
    beginTrack(presentation, "video0", larger);
    feed(presentation, { video0: [larger, larger.chunks] });
    const after = liveManifest(presentation);
    expect(after.match(start)).toEqual(before);
    expect(after).toContain(`<Period id="p0" start="PT2.02S" duration="PT2.98S">`);
    expect(after).toContain(`presentationTimeOffset="181800"`);
  });

  test("a restart that continues is no new period", () => {
    const presentation = presentWith({ video0: [picture, between(picture, 2, 5)] }, { tracks: ["video"], copy: true });
    presentation.startRun(run({ tracks: ["video"], copy: true, continues: true }));
    beginTrack(presentation, "video0", picture);
    feed(presentation, { video0: [picture, between(picture, 4, 9)] });
    const text = liveManifest(presentation);
    expect(text.match(/<Period /g)).toHaveLength(1);
    expect(addressed(text, 3).address).toBe("0190/video0/0/3.m4s");
  });
});

describe("where key frames are the publisher's", () => {
  /** A copied picture with key frames at these times; live. */
  function copied(keysAt: readonly number[], seconds: number): Presentation {
    const picked = makePicture({ seconds, from: keysAt[0] ?? 2, keysAt });
    const presentation = presentWith(
      { video0: [picked, picked.chunks] },
      { tracks: ["video"], copy: true, longestSegmentSeconds: 3 },
    );
    return presentation;
  }

  const keysEvery = (interval: number, from = 2) => Array.from({ length: 12 }, (_, index) => from + index * interval);

  test.each([
    { name: "every 1.04 s", keys: keysEvery(1.04) },
    { name: "every 1.04 s, from the middle of a cell on", keys: keysEvery(1.04, 3.3) },
    { name: "every 2 s, off the grid", keys: keysEvery(2, 3.7) },
    { name: "every half second", keys: keysEvery(0.5) },
  ])(
    "$name, all but the first segment begin before their nominal start, and none more than half a segment",
    ({ keys }) => {
      const presentation = copied(keys, 11);
      const text = liveManifest(presentation);
      const offset = Number(/presentationTimeOffset="(\d+)"/.exec(text)?.[1]) / 90_000;
      const first = Number(/startNumber="(\d+)"/.exec(text)?.[1]);
      expect(text).not.toContain("SegmentTimeline");
      for (const { number, start } of trackOf(presentation, "video0").window.rows) {
        const early = offset + (number - first) * 2 - start / 90_000;
        expect(early).toBeGreaterThanOrEqual(number === 0 ? -1.06 : -0.06);
        expect(early).toBeLessThanOrEqual(1.06);
        expect(addressed(text, number).availableMs - 1_700_000_000_000).toBeLessThanOrEqual(
          (start / 90_000 - 2) * 1000 + 34,
        );
      }
    },
  );

  test.each([
    { name: "every second", keys: keysEvery(1) },
    { name: "every second, from the middle of a cell on", keys: keysEvery(1, 3.3) },
    { name: "every 2 s, off the grid", keys: keysEvery(2, 3.7) },
    { name: "every half second", keys: keysEvery(0.5) },
  ])("$name, segments lie where their numbers say, and are promised for when they begin", ({ keys }) => {
    const presentation = copied(keys, 11);
    const text = liveManifest(presentation);
    expect(text).toContain(`availabilityTimeOffset="1.987"`);
    for (const { number, start } of trackOf(presentation, "video0").window.rows.slice(1)) {
      const due = (start / 90_000 - 2) * 1000 + 33;
      expect(Math.abs(addressed(text, number).availableMs - 1_700_000_000_000 - due)).toBeLessThanOrEqual(2);
    }
  });

  test("so far apart that numbers would drift, segments are listed, and nothing is promised early", () => {
    const text = liveManifest(copied(keysEvery(2.7), 20));
    expect(text).toContain("<SegmentTimeline>");
    for (const word of ["availabilityTimeOffset", "ServiceDescription"]) expect(text).not.toContain(word);
    expect(text).toContain(`minBufferTime="PT3S"`);
  });
});

describe("the manifest of what has ended", () => {
  test("is static, has a length and asks nobody for the time", () => {
    const presentation = both();
    presentation.finish();
    const text = manifest(presentation, { extent: "all", folder: "", clockUrl: "", nowMs: NOW });
    expect(text).toContain(`type="static" mediaPresentationDuration="PT7`);
    for (const word of ["UTCTiming", "availabilityStartTime", "minimumUpdatePeriod"]) expect(text).not.toContain(word);
    const { duration, playlists } = parsed(text);
    expect([playlists?.[0]?.endList, playlists?.[0]?.segments.length]).toEqual([true, 4]);
    expect(duration).toBeCloseTo(7, 1);
  });

  test("begins at 0, wherever the broadcast's clock stood, and periods follow each other", () => {
    const presentation = broken();
    presentation.finish();
    const text = manifest(presentation, { extent: "all", folder: "", clockUrl: "", nowMs: NOW });
    expect([...text.matchAll(/ start="(\w+)"/g)].map(([, start]) => start)).toEqual(["PT0S", "PT18S"]);
  });
});
