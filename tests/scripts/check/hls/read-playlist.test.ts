import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isMultivariant, readMultivariant } from "../../../../scripts/check/hls/multivariant.ts";
import { differences, ownFindings, parseWithBoth } from "../../../../scripts/check/hls/parsers.ts";
import { edgeOf, keyOf, nextOf, partsOf, reaches } from "../../../../scripts/check/hls/playlist.ts";
import { readPlaylist } from "../../../../scripts/check/hls/read-playlist.ts";

const URL_OF_IT = "https://example.org/live/hi/playlist.m3u8?token=1";

const LOW_LATENCY = `#EXTM3U
#EXT-X-VERSION:10
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5,CAN-SKIP-UNTIL=24,CAN-SKIP-DATERANGES=YES
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:100
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-SKIP:SKIPPED-SEGMENTS=2,RECENTLY-REMOVED-DATERANGES="a	b"
# a comment
#EXT-X-MAP:URI="init.mp4",BYTERANGE="600@0"
#EXT-X-PROGRAM-DATE-TIME:2026-05-01T10:00:00.500Z
#EXTINF:4.0,A title, with a comma
#EXT-X-BYTERANGE:1000@600
all.mp4
#EXT-X-DISCONTINUITY
#EXTINF:4.0,
#EXT-X-BYTERANGE:2000
all.mp4
#EXT-X-GAP
#EXT-X-PART:DURATION=0.5,URI="all.mp4",BYTERANGE="10@3600",GAP=YES
#EXTINF:0.5
gone.mp4
#EXT-X-PART:DURATION=0.5,URI="b.mp4",BYTERANGE="20@0",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="b.mp4",BYTERANGE="30"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b.mp4",BYTERANGE-START=50
#EXT-X-RENDITION-REPORT:URI="../lo/playlist.m3u8",LAST-MSN=105,LAST-PART=1
#EXT-X-DATERANGE:ID="c",START-DATE="2026-05-01T10:00:00Z"
`;

test("everything that low latency adds is read", () => {
  const playlist = readPlaylist(URL_OF_IT, LOW_LATENCY);
  expect(playlist).toMatchObject({
    ...{ version: 10, targetSeconds: 4, firstNumber: 100, firstDiscontinuity: 3, partTarget: 0.5, ended: false },
    ...{ skip: { segments: 2, removedDateRanges: ["a", "b"] }, dateRanges: ["c"], problems: [] },
    reports: [{ url: "https://example.org/live/lo/playlist.m3u8", lastNumber: 105, lastPart: 1 }],
    hints: [{ type: "PART", url: "https://example.org/live/hi/b.mp4", range: { start: 50, length: undefined } }],
  });
  expect(playlist.serverControl?.get("CAN-SKIP-UNTIL")).toBe("24");
});

test("segments have their numbers, dates, ranges, maps and discontinuities", () => {
  const { segments, open } = readPlaylist(URL_OF_IT, LOW_LATENCY);
  expect(segments).toMatchObject([
    { number: 102, seconds: 4, discontinuities: 3, hasOwnDate: true, range: { start: 600, length: 1000 }, gap: false },
    {
      number: 103,
      seconds: 4,
      discontinuities: 4,
      hasOwnDate: false,
      range: { start: 1600, length: 2000 },
      gap: false,
    },
    {
      number: 104,
      seconds: 0.5,
      discontinuities: 4,
      gap: true,
      parts: [{ gap: true, range: { start: 3600, length: 10 } }],
    },
  ]);
  expect(segments.map(({ wallMs = 0 }) => new Date(wallMs).toISOString())).toEqual([
    "2026-05-01T10:00:00.500Z",
    "2026-05-01T10:00:04.500Z",
    "2026-05-01T10:00:08.500Z",
  ]);
  expect(open).toMatchObject({
    number: 105,
    map: { url: "https://example.org/live/hi/init.mp4", range: { start: 0, length: 600 } },
  });
  expect(open.parts.map(keyOf)).toEqual([
    "https://example.org/live/hi/b.mp4 0+20",
    "https://example.org/live/hi/b.mp4 20+30",
  ]);
});

test("positions: the newest, the next, and what a playlist reaches", () => {
  const playlist = readPlaylist(URL_OF_IT, LOW_LATENCY);
  expect(edgeOf(playlist)).toEqual({ number: 105, part: 1 });
  expect(nextOf(playlist)).toEqual({ number: 105, part: 2 });
  expect(partsOf(playlist).map(({ number, index }) => `${number}.${index}`)).toEqual(["104.0", "105.0", "105.1"]);
  const reached = [104, 105].flatMap((number) => [undefined, 1, 2].map((part) => reaches(playlist, { number, part })));
  expect(reached).toEqual([true, true, true, false, true, false]);
});

test.each([
  ["no #EXTM3U", "#EXT-X-VERSION:3\n", /first line/],
  ["a segment without a duration", "#EXTM3U\nx.ts\n", /no EXTINF/],
  ["a duration that is none", "#EXTM3U\n#EXTINF:1s,\nx.ts\n", /duration that can be read/],
  ["a part without an address", "#EXTM3U\n#EXT-X-PART:DURATION=1\n", /EXT-X-PART has no URI/],
  ["a tag that stands twice", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-VERSION:4\n", /more than once/],
  ["an attribute list that breaks off", '#EXTM3U\n#EXT-X-MAP:URI="x\n', /is no attribute/],
  ["a date that is none", "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:noon\n", /is no date/],
  ["an address that is none", "#EXTM3U\n#EXTINF:1,\nhttp://[\n", /is no address/],
  ["a segment that breaks off", "#EXTM3U\n#EXTINF:1,\n", /no URI line/],
])("%s is a problem, and no more than that", (_, text, words) => {
  expect(readPlaylist(URL_OF_IT, text).problems).toEqual(expect.arrayContaining([expect.stringMatching(words)]));
});

test("both parsers find in a plain playlist what this check finds", () => {
  const text =
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:3.5,\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n";
  const playlist = readPlaylist(URL_OF_IT, text);
  for (const { findings, complaints } of parseWithBoth(playlist)) {
    expect(complaints).toEqual([]);
    expect(findings && differences(ownFindings(playlist), findings)).toEqual([]);
  }
});

test("renditions are named once, with the codecs of the variants that use them", () => {
  const text = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Sound",URI="sound.m3u8"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="Captions",INSTREAM-ID="CC1"
#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.1,mp4a.2",AUDIO="a"
one.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="a"

one.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="frames.m3u8"
`;
  expect(isMultivariant(text)).toBe(true);
  const { renditions, problems } = readMultivariant("https://example.org/master.m3u8", text);
  expect(problems).toEqual([]);
  expect(renditions.map(({ url, kind, codecs }) => [url, kind, codecs.join()])).toEqual([
    ["https://example.org/sound.m3u8", "audio", "avc1.1,mp4a.2"],
    ["https://example.org/one.m3u8", "variant", "avc1.1,mp4a.2"],
  ]);
});

test("whatever a server sends is read, by the parsers, too", () => {
  const lines = fc.constantFrom(...LOW_LATENCY.split("\n"));
  const broken = fc
    .tuple(lines, fc.nat(90), fc.string())
    .map(([line, at, more]) => line.slice(0, at) + more + line.slice(at));
  fc.assert(
    fc.property(fc.array(fc.oneof(lines, broken, fc.string()), { maxLength: 20 }), (some) => {
      const text = some.join("\n");
      const playlist = readPlaylist(URL_OF_IT, text);
      parseWithBoth(playlist);
      readMultivariant(URL_OF_IT, text);
    }),
    { numRuns: 300 },
  );
});
