import { withHeader } from "./answering.ts";
import { at, edit, type HlsBreak, rewrite, segmentAsked } from "./hls-break.ts";
import { LOW_LATENCY_BREAKS } from "./hls-low-latency-breaks.ts";
import { bytes, type HlsFaults, mediaOf, missing, type TrackName } from "./hls-stand-in.ts";

/** At least one for each rule that a server over plain HTTP can break. */
export const HLS_BREAKS: readonly HlsBreak[] = [
  ...syntaxBreaks(),
  ...changeBreaks(),
  ...renditionBreaks(),
  ...segmentBreaks(),
  ...LOW_LATENCY_BREAKS,
];

function syntaxBreaks(): HlsBreak[] {
  const renamed = (name: string) => (body: string) => body.replaceAll("playlist.m3u8", name);
  return [
    { rule: "playlists-answer", faults: { answer: (url) => at(url, "/lo/playlist.m3u8", missing()) }, seen: /lo: 404/ },
    { rule: "grammar", faults: edit("#EXTINF:1.000", "#EXTINF:long"), seen: /EXTINF has no duration/ },
    {
      rule: "parsers-agree",
      faults: edit("#EXT-X-TARGETDURATION:1", "#EXT-X-TARGETDURATION:1\n#EXT-X-TARGETDURATION:2"),
      seen: /targetSeconds/,
    },
    { rule: "parser-complaints", faults: edit(",PART-HOLD-BACK=0.6", ""), seen: /hls-parser/ },
    {
      rule: "content-type",
      faults: {
        master: renamed("playlist"),
        playlist: renamed("playlist"),
        reply: (reply) => withHeader(reply, "content-type", "text/plain"),
      },
      seen: /text\/plain/,
    },
    { rule: "version", faults: edit("#EXT-X-VERSION:9", "#EXT-X-VERSION:3"), seen: /version 3, and EXT-X-MAP wants 6/ },
    { rule: "gzip", faults: { reply: (reply) => ({ ...reply, compress: false }) }, seen: /uncompressed/ },
    {
      rule: "cors",
      faults: { reply: (reply) => withHeader(reply, "access-control-allow-origin", undefined) },
      seen: /no Access-Control/,
    },
    {
      rule: "playlist-caching",
      faults: { reply: (reply) => withHeader(reply, "cache-control", "max-age=100") },
      seen: /kept for 100 s/,
    },
  ];
}

function changeBreaks(): HlsBreak[] {
  const bundled: HlsFaults = { clock: (parts) => Math.floor(parts / 4) * 4 };
  return [
    {
      rule: "target-duration-constant",
      faults: rewrite((body, { parts }) => body.replace("DURATION:1", `DURATION:${1 + (parts % 2)}`)),
      seen: /TARGETDURATION [12], then [12]/,
    },
    { rule: "media-sequence", faults: rewrite((body) => body.replace(/SEQUENCE:\d+/, "SEQUENCE:5")), seen: /became/ },
    {
      rule: "discontinuity-sequence",
      faults: rewrite((body, { parts }) =>
        body.replace("CONTINUITY-SEQUENCE:0", `CONTINUITY-SEQUENCE:${1000 - parts}`),
      ),
      seen: /fell from/,
    },
    {
      rule: "only-appended",
      faults: rewrite((body, { parts }) => (parts % 2 === 0 ? body.replaceAll("1.000", "0.999") : body)),
      seen: /segment \d+ changed/,
    },
    {
      rule: "no-playlist-type",
      faults: edit("#EXT-X-PART-INF", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-PART-INF"),
      seen: /EVENT/,
    },
    { rule: "window-length", faults: { window: 2 }, seen: /2 s left/ },
    {
      rule: "segment-in-time",
      faults: { clock: (parts, _, ms) => (ms > 1500 && ms < 4000 ? 82 : parts) },
      seen: /without a new segment/,
    },
    { rule: "part-in-time", faults: bundled, seen: /between two parts/ },
    { rule: "edge-never-starves", faults: bundled, seen: /without a new part/ },
    { rule: "parts-removed", faults: { withParts: 9 }, seen: /still has parts/ },
  ];
}

function renditionBreaks(): HlsBreak[] {
  const onLow = (change: (body: string) => string): HlsFaults =>
    rewrite((body, { track }) => (track === "lo" ? change(body) : body));
  const later = (body: string) =>
    body.replaceAll(/2026-01-01T00:00:(\d\d)/g, (_, second) => `2026-01-01T00:01:${second}`);
  return [
    {
      rule: "same-target-duration",
      faults: onLow((body) => body.replace("DURATION:1", "DURATION:2")),
      seen: /hi: 1; lo: 2/,
    },
    {
      rule: "same-server-control",
      faults: onLow((body) => body.replace("HOLD-BACK=3", "HOLD-BACK=4")),
      seen: /HOLD-BACK=4/,
    },
    {
      rule: "date-everywhere",
      faults: onLow((body) => body.replaceAll(/#EXT-X-PROGRAM.*\n/g, "")),
      seen: /lo has none/,
    },
    { rule: "dates-consistent", faults: onLow(later), seen: /60000 ms between/ },
    {
      rule: "same-discontinuities",
      faults: onLow((body) => body.replace("CONTINUITY-SEQUENCE:0", "CONTINUITY-SEQUENCE:1")),
      seen: /has 1, hi has 0/,
    },
    {
      rule: "updated-in-sync",
      faults: { clock: (parts, track) => (track === "lo" ? parts - 4 : parts) },
      seen: /lo comes \d+ ms after hi/,
    },
    { rule: "part-inf-with-parts", faults: edit(/#EXT-X-PART-INF.*\n/, ""), seen: /without EXT-X-PART-INF/ },
  ];
}

function segmentBreaks(): HlsBreak[] {
  const segments = (make: (number: number, track: TrackName) => Uint8Array): HlsFaults => ({
    answer: (url) => segmentAsked(url, (number, track) => bytes(make(number, track))),
  });
  return [
    { rule: "segments-within-target", faults: edit("#EXTINF:1.000", "#EXTINF:1.600"), seen: /has 1.6 s/ },
    { rule: "segments-available", faults: { answer: (url) => segmentAsked(url, missing) }, seen: /answers 404/ },
    {
      rule: "segments-stay",
      faults: {
        answer: (url, firstListed) => segmentAsked(url, (number) => (number < firstListed ? missing() : undefined)),
      },
      seen: /answers 404 right after it left/,
    },
    {
      rule: "segments-independent",
      faults: segments((number, track) => Buffer.concat(mediaOf(track).chunks(number, 1))),
      seen: /no key frame/,
    },
    {
      rule: "segments-begin-with-key",
      faults: segments((number, track) =>
        Buffer.concat([...mediaOf(track).chunks(number, 1), ...mediaOf(track).chunks(number + 1, 0, 1)]),
      ),
      seen: /begins without a key frame/,
    },
    { rule: "durations-true", faults: edit("#EXTINF:1.000", "#EXTINF:1.300"), seen: /1.3 s/ },
    {
      rule: "timestamps-continue",
      faults: segments((number, track) => Buffer.concat(mediaOf(track).chunks(number * 2))),
      seen: /begins 1 s after the end/,
    },
    {
      rule: "map-change",
      faults: {
        ...rewrite((body) =>
          body.replaceAll(
            /(#EXT-X-PROGRAM.*\n)((?:#EXT-X-PART:.*\n)*#EXTINF:1.000,\n(\d+)\.m4s)/g,
            (_, date, rest, number) => `${date}#EXT-X-MAP:URI="${number % 2 === 0 ? "other" : "init"}.mp4"\n${rest}`,
          ),
        ),
        answer: (url) =>
          url.pathname.endsWith("other.mp4") ? bytes(Buffer.concat([mediaOf("hi").init, Buffer.alloc(8)])) : undefined,
      },
      seen: /has another init segment/,
    },
    {
      rule: "gaps-marked",
      faults: edit("#EXTINF:1.000", "#EXT-X-GAP\n#EXTINF:1.000"),
      seen: /is a gap, not all of its parts are/,
    },
    {
      rule: "codecs-complete",
      faults: { master: (body) => body.replaceAll("avc1.42c00b", "mp4a.40.2") },
      seen: /is avc1, CODECS says mp4a/,
    },
    {
      rule: "media-lifetime",
      faults: { reply: (reply) => withHeader(reply, "cache-control", undefined) },
      seen: /neither/,
    },
  ];
}
