import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Mpd } from "../../../../scripts/check/dash/mpd.ts";
import { readMpd } from "../../../../scripts/check/dash/read-mpd.ts";
import { schemaProblems } from "../../../../scripts/check/dash/schema.ts";
import { initAddress, segmentsOf } from "../../../../scripts/check/dash/segments.ts";
import { readDate, readDecimal, readDuration } from "../../../../scripts/check/dash/times.ts";

const START = Date.parse("2026-05-01T10:00:00Z");

function mpd(inside: string, attributes = ""): Mpd {
  const text = `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" profiles="p" minBufferTime="PT1S"
    availabilityStartTime="2026-05-01T10:00:00Z" timeShiftBufferDepth="PT10S" ${attributes}>${inside}</MPD>`;
  const read = readMpd("https://example.org/live/manifest.mpd", text);
  if (typeof read === "string") throw new Error(read);
  return read;
}

/** The segments of the first representation at a time, in seconds after the start. */
function at(seconds: number, manifest: Mpd, aheadMs = 0) {
  const [period] = manifest.periods;
  const [representation] = period?.representations ?? [];
  if (period === undefined || representation === undefined) throw new Error("nothing in it");
  return segmentsOf(manifest, period, representation, START + seconds * 1000, aheadMs);
}

const inPeriod = (template: string) =>
  mpd(
    `<Period start="PT0S"><AdaptationSet contentType="video"><Representation id="v" bandwidth="5">${template}</Representation></AdaptationSet></Period>`,
  );

test("attributes and base addresses come down from above, and what is nearer wins", () => {
  const manifest = mpd(`<BaseURL availabilityTimeOffset="0.5">media/</BaseURL><Period id="p" start="PT5S">
    <SegmentTemplate timescale="10" media="$RepresentationID$/$Number%05d$.m4s" startNumber="3"/>
    <AdaptationSet id="4" mimeType="audio/mp4" codecs="mp4a.40.2" startWithSAP="1"><BaseURL>a/</BaseURL>
      <SegmentTemplate duration="20" initialization="$Bandwidth$-$$-$RepresentationID$.mp4" availabilityTimeOffset="1" availabilityTimeComplete="false"/>
      <Representation id="s" bandwidth="64"><SegmentTemplate startNumber="7"/></Representation>
    </AdaptationSet></Period>`);
  const [representation] = manifest.periods[0]?.representations ?? [];
  expect(representation).toMatchObject({
    id: "s",
    kind: "audio",
    setId: "4",
    codecs: "mp4a.40.2",
    startWithSap: true,
    bandwidth: 64,
  });
  expect(representation?.template).toMatchObject({
    timescale: 10,
    startNumber: 7,
    duration: 20,
    availabilityTimeOffset: 1.5,
    availabilityTimeComplete: false,
  });
  expect(representation && initAddress(representation)).toBe("https://example.org/live/media/a/64-$-s.mp4");
  expect(at(9.6, manifest).map(({ url }) => url)).toEqual(
    [7, 8, 9].map((number) => `https://example.org/live/media/a/s/0000${number}.m4s`),
  );
});

test("a regular segment is there when it ends, or earlier by the offset, for as long as the window is", () => {
  const regular = inPeriod(
    `<SegmentTemplate timescale="1000" duration="2000" startNumber="1" presentationTimeOffset="500" media="$Number$"/>`,
  );
  expect(at(1.9, regular)).toEqual([]);
  expect(at(2, regular)).toMatchObject([
    { number: 1, time: 500, availableFrom: START + 2000, completeFrom: START + 2000 },
  ]);
  expect(at(21, regular).map(({ number }) => number)).toEqual([6, 7, 8, 9, 10]);
  const early = inPeriod(
    `<SegmentTemplate timescale="1000" duration="2000" availabilityTimeOffset="1.5" media="$Number$"/>`,
  );
  expect(at(0.4, early)).toEqual([]);
  expect(at(0.5, early)).toMatchObject([{ number: 1, availableFrom: START + 500, completeFrom: START + 2000 }]);
  expect(at(0.5, early, 2000)).toHaveLength(2);
});

test("a timeline is written out: times that follow, repetitions, those until the next time, and one that goes on", () => {
  const timeline = (entries: string) =>
    inPeriod(
      `<SegmentTemplate timescale="10" startNumber="4" media="$Time$"><SegmentTimeline>${entries}</SegmentTimeline></SegmentTemplate>`,
    );
  const listed = timeline('<S t="5" d="20" r="1"/><S d="15"/><S t="100" d="10" r="-1"/><S t="130" d="1"/>');
  expect(listed.periods[0]?.representations[0]?.template?.timeline).toEqual([
    { number: 4, time: 5, duration: 20 },
    { number: 5, time: 25, duration: 20 },
    { number: 6, time: 45, duration: 15 },
    { number: 7, time: 100, duration: 10 },
    { number: 8, time: 110, duration: 10 },
    { number: 9, time: 120, duration: 10 },
    { number: 10, time: 130, duration: 1 },
  ]);
  const going = timeline('<S t="0" d="20" r="-1"/>');
  expect(at(7, going).map(({ number, url }) => [number, url.split("/").at(-1)])).toEqual([
    [4, "0"],
    [5, "20"],
    [6, "40"],
  ]);
});

test("periods follow each other, and the last of what is over ends with it", () => {
  const read = readMpd(
    "https://example.org/",
    `<MPD mediaPresentationDuration="PT1M"><Period duration="PT20S"/><Period/><Period start="PT50S"/></MPD>`,
  );
  expect(typeof read === "string" ? read : read.periods.map(({ start, duration }) => [start, duration])).toEqual([
    [0, 20],
    [20, 30],
    [50, 10],
  ]);
});

test("durations, dates and numbers", () => {
  expect(["PT1.5S", "P1DT2H3M4S", "PT0S", "P", "1", undefined].map(readDuration)).toEqual([
    1.5,
    93_784,
    0,
    undefined,
    undefined,
    undefined,
  ]);
  expect(readDate("2026-05-01T10:00:00")).toBe(START);
  expect(readDate("2026-05-01T12:00:00+02:00")).toBe(START);
  expect(["INF", "0.5", "", "x"].map(readDecimal)).toEqual([Number.POSITIVE_INFINITY, 0.5, undefined, undefined]);
});

test.each([
  ['<Period><AdaptationSet><Representation id="a"/></AdaptationSet></Period>', /Representation without @bandwidth/],
  ['<UTCTiming schemeIdUri="a"/><Period/>', /Period stands after UTCTiming/],
  ["<Period><S/></Period>", /Period cannot hold S/],
])("the schema minds %s", (inside, words) => {
  expect(schemaProblems(mpd(inside).root).join()).toMatch(words);
});

test("the schema does not mind elements of others", () => {
  expect(schemaProblems(mpd('<x:a xmlns:x="urn:x"/><Period/>').root)).toEqual([]);
});

test("what is no manifest is told from one", () => {
  expect(readMpd("https://example.org/", "")).toEqual(expect.any(String));
  expect(readMpd("https://example.org/", "<html/>")).toMatch(/html, not MPD/);
});

test("whatever a server sends is read", () => {
  const whole = mpd(
    `<Period><AdaptationSet><Representation id="v" bandwidth="1"><SegmentTemplate timescale="10" duration="5" media="$Number$"><SegmentTimeline><S t="0" d="1" r="5"/></SegmentTimeline></SegmentTemplate></Representation></AdaptationSet></Period>`,
  ).text;
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.nat(20),
      fc.oneof(fc.string(), fc.constantFrom("-1", "1e99", "<", "&", '"')),
      (from, cut, more) => {
        const read = readMpd("https://example.org/", whole.slice(0, from) + more + whole.slice(from + cut));
        if (typeof read === "string") return;
        schemaProblems(read.root);
        for (const period of read.periods)
          for (const one of period.representations) segmentsOf(read, period, one, START, 1000);
      },
    ),
    { numRuns: 500 },
  );
});
