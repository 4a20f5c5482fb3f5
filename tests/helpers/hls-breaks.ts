import { inPieces, type Reply } from "./answering.ts";
import {
  bytes,
  type HlsFaults,
  type Moment,
  mediaOf,
  missing,
  PARTS,
  refusal,
  type TrackName,
  text,
} from "./hls-stand-in.ts";

/** One way to break one rule. */
export interface HlsBreak {
  /** The rule that has to fail. */
  readonly rule: string;
  readonly faults: HlsFaults;
  /** What the verdict has to say. */
  readonly seen: RegExp;
  /** Observation in seconds, where the usual is not enough. */
  readonly seconds?: number;
}

/** At least one for each rule that a server over plain HTTP can break. */
export const HLS_BREAKS: readonly HlsBreak[] = [
  ...syntaxBreaks(),
  ...changeBreaks(),
  ...renditionBreaks(),
  ...segmentBreaks(),
  ...partBreaks(),
  ...promiseBreaks(),
  ...blockingBreaks(),
  ...deltaBreaks(),
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
        reply: (reply) => header(reply, "content-type", "text/plain"),
      },
      seen: /text\/plain/,
    },
    { rule: "version", faults: edit("#EXT-X-VERSION:9", "#EXT-X-VERSION:3"), seen: /version 3, and EXT-X-MAP wants 6/ },
    { rule: "gzip", faults: { reply: (reply) => ({ ...reply, compress: false }) }, seen: /uncompressed/ },
    {
      rule: "cors",
      faults: { reply: (reply) => header(reply, "access-control-allow-origin", undefined) },
      seen: /no Access-Control/,
    },
    {
      rule: "playlist-caching",
      faults: { reply: (reply) => header(reply, "cache-control", "max-age=100") },
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
      seconds: 5,
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
      faults: { reply: (reply) => header(reply, "cache-control", undefined) },
      seen: /neither/,
    },
  ];
}

function partBreaks(): HlsBreak[] {
  const longer = (number: number, track: TrackName) =>
    bytes(Buffer.concat([...mediaOf(track).chunks(number), Buffer.alloc(1)]));
  const none = edit(/#EXT-X-PART:.*\n/g, "");
  return [
    { rule: "part-inf", faults: edit(/#EXT-X-PART-INF.*\n/, ""), seen: /no PART-INF.*not low latency/ },
    { rule: "parts-listed", faults: none, seen: /no parts: not low latency/ },
    {
      rule: "parts-not-too-long",
      faults: edit("PART-TARGET=0.2", "PART-TARGET=0.15"),
      seen: /has 0.2 s, the target is 0.15 s/,
    },
    { rule: "parts-not-too-short", faults: edit("PART-TARGET=0.2", "PART-TARGET=0.25"), seen: /0.212 s is the least/ },
    { rule: "parts-available", faults: { answer: (url) => partAsked(url, missing) }, seen: /answers 404/ },
    {
      rule: "parts-make-the-segment",
      faults: { answer: (url) => segmentAsked(url, longer) },
      seen: /has \d+ bytes, its parts have \d+/,
    },
    {
      rule: "independent-is-true",
      faults: edit(/DURATION=0.2,/g, "DURATION=0.2,INDEPENDENT=YES,"),
      seen: /has no key frame/,
    },
    { rule: "independent-marked", faults: edit(/,INDEPENDENT=YES/g, ""), seen: /is not marked/ },
    {
      rule: "parts-stay",
      faults: {
        answer: (url, firstListed) => partAsked(url, (number) => (number < firstListed + 6 ? missing() : undefined)),
      },
      seen: /answers 404 2.7 s after it left/,
    },
  ];
}

function promiseBreaks(): HlsBreak[] {
  const control = (before: string, after: string): HlsFaults => edit(before, after);
  const hint = /#EXT-X-PRELOAD-HINT.*\n/;
  const report = /#EXT-X-RENDITION-REPORT.*\n/;
  return [
    { rule: "can-block-reload", faults: control("CAN-BLOCK-RELOAD=YES,", ""), seen: /not low latency/ },
    { rule: "part-hold-back", faults: control("PART-HOLD-BACK=0.6", "PART-HOLD-BACK=0.5"), seen: /=0.5, 0.6/ },
    { rule: "hold-back", faults: control(",HOLD-BACK=3", ",HOLD-BACK=2"), seen: /=2, 3 is the least/ },
    { rule: "can-skip-until", faults: control("CAN-SKIP-UNTIL=6", "CAN-SKIP-UNTIL=5"), seen: /=5, 6 is the least/ },
    { rule: "offers-delta-updates", faults: control(",CAN-SKIP-UNTIL=6", ""), seen: /no CAN-SKIP-UNTIL/ },
    { rule: "hint-present", faults: edit(hint, ""), seen: /without a PRELOAD-HINT/ },
    {
      rule: "one-hint-per-type",
      faults: rewrite((body) => body.replace(hint, (line) => line + line)),
      seen: /two hints/,
    },
    {
      rule: "hint-comes-true",
      faults: edit(/TYPE=PART,URI="\d+/, 'TYPE=PART,URI="7000'),
      seen: /followed by another part/,
    },
    { rule: "hint-answers", faults: { answer: (url) => partAsked(url, missing) }, seen: /answers 404/ },
    {
      rule: "hint-at-line-speed",
      faults: { reply: (reply, url) => (url.pathname.includes(".part.") ? trickled(reply) : reply) },
      seen: /from first to last byte/,
    },
    {
      rule: "unknown-part",
      faults: { answer: (url) => (/\.\d{4}\.part/.test(url.pathname) ? bytes(new Uint8Array(9)) : undefined) },
      seen: /answers 200/,
    },
    { rule: "reports-complete", faults: edit(report, ""), seen: /0 reports of/ },
    { rule: "reports-relative", faults: edit('URI="../', 'URI="http://localhost/'), seen: /http:\/\/localhost/ },
    {
      rule: "reports-true",
      faults: rewrite((body) => body.replace(/LAST-MSN=(\d+)/, (_, msn) => `LAST-MSN=${Number(msn) + 5}`)),
      seen: /which is at/,
    },
  ];
}

function blockingBreaks(): HlsBreak[] {
  const asks = (url: URL, name: string) => url.searchParams.has(name);
  const alone = (url: URL) => asks(url, "_HLS_msn") && !asks(url, "_HLS_part");
  return [
    { rule: "block-for-part", faults: { ignores: ["_HLS_part", "_HLS_msn"] }, seen: /asked for \d+\.\d, got/ },
    {
      rule: "block-for-segment",
      faults: { giveUp: { afterMs: 300, status: 200 } },
      seen: /was answered after \d+ ms with/,
    },
    {
      rule: "part-past-the-last",
      faults: { answer: (url) => (Number(url.searchParams.get("_HLS_part")) >= PARTS ? refusal(400) : undefined) },
      seen: /_HLS_part=\d+: 400/,
    },
    {
      rule: "old-segment-asked",
      faults: {
        answer: (url, first) =>
          alone(url) && Number(url.searchParams.get("_HLS_msn")) < first ? refusal(400) : undefined,
      },
      seen: /answers 400/,
    },
    {
      rule: "part-without-segment",
      faults: { answer: (url) => (asks(url, "_HLS_part") && !asks(url, "_HLS_msn") ? text("#EXTM3U\n") : undefined) },
      seen: /answers 200/,
    },
    {
      rule: "segment-too-far",
      faults: {
        answer: (url) => (alone(url) && Number(url.searchParams.get("_HLS_msn")) > 24 ? refusal(404) : undefined),
      },
      seen: /answers 404/,
    },
    {
      rule: "part-too-far",
      faults: { answer: (url) => (Number(url.searchParams.get("_HLS_part")) > 20 ? refusal(404) : undefined) },
      seen: /answers 404/,
    },
    {
      rule: "not-held-too-long",
      faults: { clock: (parts, _, ms) => (ms > 500 ? 77 : parts), giveUp: { afterMs: 3600, status: 200 } },
      seen: /200 after \d+ ms, 3000 ms are the most/,
      seconds: 1,
    },
    {
      rule: "directives-after-the-end",
      faults: { ended: true, answer: (url) => (asks(url, "_HLS_msn") ? refusal(400) : undefined) },
      seen: /400/,
    },
  ];
}

function deltaBreaks(): HlsBreak[] {
  const skips = (url: URL, value: string) => url.searchParams.get("_HLS_skip") === value;
  const range = (id: string) => `#EXT-X-DATERANGE:ID="${id}",START-DATE="2026-01-01T00:00:20.000Z"\n`;
  return [
    { rule: "delta-answers", faults: { ignores: ["_HLS_skip"] }, seen: /the whole playlist came/ },
    { rule: "delta-v2", faults: { answer: (url) => (skips(url, "v2") ? refusal(400) : undefined) }, seen: /400/ },
    {
      rule: "delta-true",
      faults: rewrite((body) => body.replace(/SKIPPED-SEGMENTS=\d/, "SKIPPED-SEGMENTS=1")),
      seen: /is another one/,
    },
    {
      rule: "delta-and-block",
      faults: { answer: (url) => (skips(url, "YES") && url.searchParams.has("_HLS_msn") ? refusal(500) : undefined) },
      seen: /500/,
    },
    {
      rule: "date-ranges-alike",
      faults: rewrite((body, { track }) => body.replace("#EXT-X-PRELOAD", `${range(track)}#EXT-X-PRELOAD`)),
      seen: /different ones/,
    },
  ];
}

function rewrite(playlist: (body: string, moment: Moment) => string): HlsFaults {
  return { playlist };
}

/** Replaces a text everywhere it stands in media playlists. */
function edit(before: string | RegExp, after: string): HlsFaults {
  return rewrite((body) => (typeof before === "string" ? body.replaceAll(before, after) : body.replace(before, after)));
}

function header({ headers, ...reply }: Reply, name: string, value: string | undefined): Reply {
  const others = Object.entries(headers).filter(([key]) => key !== name);
  return { ...reply, headers: Object.fromEntries(value === undefined ? others : [...others, [name, value]]) };
}

function at(url: URL, path: string, reply: Reply): Reply | undefined {
  return url.pathname === path ? reply : undefined;
}

type Making = (number: number, track: TrackName) => Reply | undefined;

const segmentAsked = (url: URL, make: Making) => mediaAsked(/^\/(hi|lo)\/(\d+)\.m4s$/, url, make);
const partAsked = (url: URL, make: Making) => mediaAsked(/^\/(hi|lo)\/(\d+)\.\d\.part\.m4s$/, url, make);

function mediaAsked(pattern: RegExp, { pathname }: URL, make: Making): Reply | undefined {
  const [, track, number] = pattern.exec(pathname) ?? [];
  return track === "hi" || track === "lo" ? make(Number(number), track) : undefined;
}

function trickled(reply: Reply): Reply {
  if (!(reply.body instanceof Uint8Array)) return reply;
  return { ...reply, body: inPieces(reply.body, 4, 60) };
}
