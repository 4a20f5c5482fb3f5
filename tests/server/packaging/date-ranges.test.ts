import { expect, test } from "@jest/globals";
import { formatMediaPlaylist } from "../../../server/media/m3u8.ts";
import { formatMpd } from "../../../server/media/mpd.ts";
import { dateRangeOf, EVENT_SCHEME, periodEventOf } from "../../../server/packaging/date-ranges.ts";
import type { MediaEvent } from "../../../server/packaging/media-events.ts";

const event: MediaEvent = {
  id: 7,
  type: "loudness",
  shape: "range",
  startMs: 12_345,
  durationMs: 2500,
  at: "2026-01-02T03:04:05.678Z",
  data: { shortTerm: -23.5, level: 0.25, isLoud: true, words: 'he said "no"\n' },
};

const linesOf = (range: MediaEvent) =>
  formatMediaPlaylist({
    targetSeconds: 2,
    firstNumber: 0,
    segments: [],
    ended: false,
    dateRanges: [dateRangeOf(range)],
  })
    .split("\n")
    .filter((line) => line.startsWith("#EXT-X-DATERANGE"));

test("an event is a date range with its own attributes", () => {
  expect(linesOf(event)).toEqual([
    '#EXT-X-DATERANGE:ID="analysis-7",CLASS="live.millrace.analysis.loudness",START-DATE="2026-01-02T03:04:05.678Z",' +
      'DURATION=2.5,X-MEDIA-TIME=12.345,X-SHORT-TERM="-23.5",X-LEVEL=0.25,X-IS-LOUD="true",X-WORDS="he said  no  "',
  ]);
});

test("one that goes on has no length, and everything else as it will be", () => {
  const [open = ""] = linesOf({ ...event, durationMs: null });
  expect(open).not.toContain("DURATION");
  expect(linesOf(event)[0]?.replace("DURATION=2.5,", "")).toBe(open);
});

const manifestOf = (events: readonly MediaEvent[], begin: number) =>
  formatMpd({
    periods: [
      {
        id: "p0",
        startSeconds: begin,
        eventStream: { scheme: EVENT_SCHEME, events: events.map((each) => periodEventOf(each, begin)) },
        sets: [],
      },
    ],
    maxSegmentSeconds: 2,
    live: { durationSeconds: 20 },
  });

test("in a manifest it lies in its period, and what it says is escaped", () => {
  const text = manifestOf([event], 10);
  expect(text).toContain('<EventStream schemeIdUri="urn:millrace:analysis:2026" timescale="1000">');
  expect(text).toContain(
    '<Event id="7" presentationTime="2345" duration="2500">{&quot;type&quot;:&quot;loudness&quot;',
  );
  expect(manifestOf([{ ...event, durationMs: null }], 10)).toContain('<Event id="7" presentationTime="2345">');
});

test("what began in the period before has only the rest of its length in this one", () => {
  expect(periodEventOf(event, 13)).toMatchObject({ startMs: 0, durationMs: 1845 });
});
