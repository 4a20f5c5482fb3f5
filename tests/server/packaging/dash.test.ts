import { describe, expect, test } from "@jest/globals";
import { parse } from "mpd-parser";
import { manifest } from "../../../server/packaging/dash.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { beginTrack, between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present, run, trackOf } from "../../helpers/presentation.ts";

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
  const presentation = present({ tracks: ["video"], windowSeconds });
  beginTrack(presentation, "video0", picture);
  feed(presentation, { video0: [picture, picture.chunks] });
  return presentation;
}

function both(): Presentation {
  const presentation = present();
  beginTrack(presentation, "video0", picture);
  beginTrack(presentation, "audio0", sound);
  feed(presentation, { video0: [picture, picture.chunks], audio0: [sound, sound.chunks] });
  return presentation;
}

function broken(): Presentation {
  const presentation = present({ tracks: ["video"] });
  beginTrack(presentation, "video0", picture);
  feed(presentation, { video0: [picture, between(picture, 2, 5)] });
  presentation.startRun(run({ tracks: ["video"], anchor: { seconds: 20, wallMs: 1_700_000_003_500 } }));
  beginTrack(presentation, "video0", larger);
  feed(presentation, { video0: [larger, larger.chunks] });
  return presentation;
}

/** What a parser of others finds: the addresses of all segments of the first picture. */
function addresses(text: string): string[] {
  return (parsed(text).playlists ?? []).flatMap(({ segments }) => segments.map(({ resolvedUri }) => resolvedUri));
}

describe("a live manifest", () => {
  test("of a picture, whole", () => {
    const presentation = pictureOnly();
    expect(liveManifest(presentation)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S" maxSegmentDuration="PT2S" type="dynamic" availabilityStartTime="2023-11-14T22:13:20.000Z" publishTime="2023-11-14T22:13:29.000Z" minimumUpdatePeriod="PT1S" timeShiftBufferDepth="PT60S" suggestedPresentationDelay="PT4S">
  <Period id="p0" start="PT0S">
    <AdaptationSet id="0" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <Representation id="video0" codecs="avc1.42c00b" bandwidth="${trackOf(presentation, "video0").window.peakBitrate}" width="160" height="90" frameRate="30">
        <SegmentTemplate timescale="90000" presentationTimeOffset="180000" initialization="0190/video0/0/init.mp4" media="0190/video0/0/$Number$.m4s" startNumber="0">
          <SegmentTimeline>
            <S t="180000" d="180000" r="2"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="http://host:8080/time?a=1&amp;b=2"/>
</MPD>
`);
  });

  test("is what a parser of others understands, picture and sound", () => {
    const { playlists, mediaGroups, minimumUpdatePeriod } = parsed(liveManifest(both()));
    expect([minimumUpdatePeriod, playlists?.[0]?.endList]).toEqual([1_000, false]);
    expect(playlists?.map(({ attributes }) => attributes)).toMatchObject([
      { CODECS: "avc1.42c00b", RESOLUTION: { width: 160, height: 90 }, "FRAME-RATE": 30 },
    ]);
    const [group] = Object.values(mediaGroups?.AUDIO?.audio ?? {});
    const [heard] = group?.playlists ?? [];
    expect(heard?.attributes.CODECS).toBe("mp4a.40.2");
    const seconds = heard?.segments.map(({ duration }) => duration) ?? [];
    expect(seconds.length).toBe(3);
    for (const each of seconds) expect(each).toBeCloseTo(2, 1);
  });

  test("lists what the playlists list, under the same addresses", () => {
    expect(addresses(liveManifest(pictureOnly()))).toEqual(
      [0, 1, 2].map((number) => `http://host/live/channel/0190/video0/0/${number}.m4s`),
    );
  });

  test("of a window that has moved keeps the start of its period, and lists from the first segment that is left", () => {
    const text = liveManifest(pictureOnly(4));
    expect(text).toContain(`startNumber="1"`);
    expect(text).toContain(`<S t="360000" d="180000" r="1"/>`);
    expect(text).toContain(`<Period id="p0" start="PT0S">`);
    expect(text).toContain(`presentationTimeOffset="180000"`);
    expect(addresses(text)).toEqual([1, 2].map((number) => `http://host/live/channel/0190/video0/0/${number}.m4s`));
  });

  test("begins a period at a discontinuity, with the run's own addresses", () => {
    const text = liveManifest(broken());
    expect([...text.matchAll(/<Period id="(\w+)"/g)].map(([, id]) => id)).toEqual(["p0", "p1"]);
    expect(text).toContain(
      `initialization="0190/video0/1/init.mp4" media="0190/video0/1/$Number$.m4s" startNumber="2"`,
    );
    expect(text).toContain(`width="160" height="90"`);
    expect(text).toContain(`width="320" height="180"`);
    const [first, second] = [...text.matchAll(/presentationTimeOffset="(\d+)"/g)].map(([, ticks]) => Number(ticks));
    expect([first, second]).toEqual([180_000, 1_800_000]);
  });

  test("a restart that continues is no new period", () => {
    const presentation = present({ tracks: ["video"], copy: true });
    beginTrack(presentation, "video0", picture);
    feed(presentation, { video0: [picture, between(picture, 2, 5)] });
    presentation.startRun(run({ tracks: ["video"], copy: true, continues: true }));
    beginTrack(presentation, "video0", picture);
    feed(presentation, { video0: [picture, between(picture, 4, 9)] });
    const text = liveManifest(presentation);
    expect(text.match(/<Period /g)).toHaveLength(1);
    expect(text).toContain(`<S t="180000" d="180000" r="2"/>`);
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
