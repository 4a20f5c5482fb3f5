import { type Reply, withHeader } from "./answering.ts";
import { type DashFaults, dashMedia } from "./dash-stand-in.ts";

/** One way to break one rule. */
export interface DashBreak {
  /** The rule that has to fail. */
  readonly rule: string;
  readonly faults: DashFaults;
  /** What the verdict has to say. */
  readonly seen: RegExp;
}

/** At least one for each rule. */
export const DASH_BREAKS: readonly DashBreak[] = [
  ...manifestBreaks(),
  ...latencyBreaks(),
  ...updateBreaks(),
  ...segmentBreaks(),
];

function manifestBreaks(): DashBreak[] {
  const clock = /<UTCTiming.*\/>\n/;
  const clockFirst = edit(
    /<Period[\s\S]*<\/Period>\n(<UTCTiming.*\/>\n)/,
    (whole, own) => own + whole.replace(own, ""),
  );
  const asStatic = edit('type="dynamic"', 'type="static" mediaPresentationDuration="PT10S"');
  return [
    {
      rule: "manifest-answers",
      faults: { answer: (url, count) => (isManifest(url) && count === 2 ? status(500) : undefined) },
      seen: /500/,
    },
    { rule: "well-formed", faults: edit("</MPD>", ""), seen: /unclosed/ },
    { rule: "schema", faults: clockFirst, seen: /Period stands after UTCTiming in MPD/ },
    { rule: "mpd-parser-agrees", faults: edit(/<Period[\s\S]*<\/Period>\n/, ""), seen: /mpd-parser gives up/ },
    {
      rule: "content-type",
      faults: { reply: (reply) => withHeader(reply, "content-type", "text/xml") },
      seen: /text\/xml/,
    },
    {
      rule: "cors",
      faults: { reply: (reply) => withHeader(reply, "access-control-allow-origin", undefined) },
      seen: /no Access-Control/,
    },
    { rule: "dynamic-attributes", faults: edit(/ publishTime="[^"]*"/, ""), seen: /no @publishTime/ },
    { rule: "static-attributes", faults: asStatic, seen: /minimumUpdatePeriod/ },
    {
      rule: "representations",
      faults: edit(/<Representation[\s\S]*<\/Representation>\n/, (whole) => whole + whole),
      seen: /two called v/,
    },
    {
      rule: "manifest-caching",
      faults: { reply: (reply) => withHeader(reply, "cache-control", "max-age=60") },
      seen: /kept for 60 s/,
    },
    { rule: "utc-timing", faults: edit(clock, ""), seen: /no UTCTiming/ },
    {
      rule: "utc-timing",
      faults: { answer: (url) => (url.pathname === "/time" ? status(404) : undefined) },
      seen: /404/,
    },
  ];
}

function latencyBreaks(): DashBreak[] {
  return [
    { rule: "availability-time-offset", faults: edit(' availabilityTimeOffset="0.9"', ""), seen: /not low latency/ },
    { rule: "offset-within-segment", faults: edit('Offset="0.9"', 'Offset="1.5"'), seen: /1.5 s, segments have 1 s/ },
    {
      rule: "offset-near-segment",
      faults: edit('target="1500" min="1000"', 'target="90" min="50"'),
      seen: /v: 100 ms, the target is 90 ms/,
    },
    {
      rule: "availability-time-complete",
      faults: edit(' availabilityTimeComplete="false"', ""),
      seen: /does not say it/,
    },
    { rule: "service-description", faults: edit(/<ServiceDescription.*\n/, ""), seen: /not low latency/ },
    { rule: "service-description", faults: edit('min="1000"', 'min="2000"'), seen: /target 1500 ms, 2000 to/ },
    { rule: "playback-rates", faults: edit('min="0.96"', 'min="1.01"'), seen: /1.01 to/ },
    { rule: "producer-reference-time", faults: edit(/<ProducerReferenceTime.*\n/, ""), seen: /v has none/ },
    { rule: "latency-refers", faults: edit('referenceId="7"', 'referenceId="8"'), seen: /id 8/ },
    { rule: "prft-present", faults: { prftOffsetMs: null }, seen: /has none/ },
    { rule: "prft-inband", faults: { prftOffsetMs: null }, seen: /has none/ },
    { rule: "prft-near-the-clock", faults: { prftOffsetMs: -3_600_000 }, seen: /36\d{5} ms ago/ },
    { rule: "reference-times-agree", faults: { prftOffsetMs: 5_000 }, seen: /5\d{3} ms apart/ },
  ];
}

function updateBreaks(): DashBreak[] {
  const later = (text: string, count: number) =>
    text.replace(/StartTime="([^"]*)"/, (_, time) => `StartTime="${new Date(Date.parse(time) + count).toISOString()}"`);
  return [
    { rule: "availability-start-constant", faults: { manifest: later }, seen: /, then / },
    {
      rule: "ids-and-addresses-stay",
      faults: { manifest: (text, count) => text.replace("v/$Number$.m4s", `v/$Number$.m4s?${count}`) },
      seen: /other addresses/,
    },
    {
      rule: "ids-and-addresses-stay",
      faults: { manifest: (text, count) => text.replace('"p0"', `"p${count}"`) },
      seen: /period p\d is gone/,
    },
    {
      rule: "timeline-stays",
      faults: { timeline: true, manifest: (text, count) => text.replace('d="90000"', `d="${90_000 + count}"`) },
      seen: /segment \d+ was/,
    },
    {
      rule: "publish-time-rises",
      faults: { timeline: true, ...edit(/publishTime="[^"]*"/, 'publishTime="2026-01-01T00:00:00Z"') },
      seen: /it changed and stayed/,
    },
    { rule: "edge-in-time", faults: { timeline: true, behind: 4 }, seen: /overdue/ },
  ];
}

function segmentBreaks(): DashBreak[] {
  const future = (url: URL) => Number(/^\/v\/(\d+)\.m4s$/.exec(url.pathname)?.[1] ?? 0) > 20;
  return [
    {
      rule: "init-segments",
      faults: { answer: (url) => (url.pathname.endsWith("init.mp4") ? status(404) : undefined) },
      seen: /v answers 404/,
    },
    { rule: "init-segments", faults: edit("avc1.42c00b", "hvc1.1.6.L93.90"), seen: /the manifest says hvc1/ },
    {
      rule: "segments-available",
      faults: { answer: (url) => (/\/\d*[13579]\.m4s/.test(url.pathname) ? status(404) : undefined) },
      seen: /answers 404/,
    },
    {
      rule: "not-before-its-time",
      faults: { answer: (url) => (future(url) ? status(200) : undefined) },
      seen: /answers 200/,
    },
    {
      rule: "media-times",
      faults: { chunks: (number) => dashMedia().chunks(number + 1) },
      seen: /begins at \d+ s, it should at/,
    },
    {
      rule: "media-durations",
      faults: { chunks: (number) => dashMedia().chunks(number, 0, 10) },
      seen: /has 0.333 s, it should have 1 s/,
    },
    {
      rule: "segments-begin-with-key",
      faults: { chunks: (number) => dashMedia().chunks(number, 1) },
      seen: /begins without one/,
    },
    {
      rule: "segment-in-progress-is-there",
      faults: { lateMs: (group) => (group === 0 ? 700 : 0) },
      seen: /first byte after/,
    },
    { rule: "segment-in-progress-has-no-length", faults: { reply: withLength }, seen: /Content-Length: \d+/ },
    {
      rule: "segment-in-progress-comes-over-time",
      faults: { lateMs: (group) => -100 * group },
      seen: /^over \d+ ms, \d+ ms were still to be made/,
    },
    {
      rule: "segment-complete-in-time",
      faults: { lateMs: (group) => (group === 9 ? 900 : 0) },
      seen: /its end came \d+ ms late/,
    },
    { rule: "several-chunks", faults: { chunks: (number) => dashMedia().chunks(number, 0, 1) }, seen: /has one chunk/ },
    { rule: "same-bytes-later", faults: { tail: new Uint8Array(4) }, seen: /\d+ bytes, later \d+/ },
  ];
}

const isManifest = (url: URL) => url.pathname === "/manifest.mpd";
const status = (code: number): Reply => ({ status: code, headers: {}, body: "something" });

/** Replaces a text in the manifest. */
function edit(before: string | RegExp, after: string | ((...found: string[]) => string)): DashFaults {
  return {
    manifest: (text) => (typeof after === "string" ? text.replace(before, after) : text.replace(before, after)),
  };
}

/** A server that knows the length beforehand, and says so. */
function withLength(reply: Reply, url: URL): Reply {
  const isLive = typeof reply.body !== "string" && !(reply.body instanceof Uint8Array);
  return isLive && url.pathname.endsWith(".m4s") ? withHeader(reply, "content-length", String(lengthOfAll())) : reply;
}

/** Of any segment, ten prft boxes included: the frames are the same again and again, and so are the boxes around them. */
function lengthOfAll(): number {
  return dashMedia()
    .chunks(0)
    .reduce((total, { byteLength }) => total + byteLength, 10 * 32);
}
