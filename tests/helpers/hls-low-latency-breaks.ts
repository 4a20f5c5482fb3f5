import { edit, type HlsBreak, partAsked, rewrite, segmentAsked, trickled } from "./hls-break.ts";
import { bytes, type HlsFaults, mediaOf, missing, PARTS, refusal, type TrackName, text } from "./hls-stand-in.ts";

/** Ways to break what low latency adds. */
export const LOW_LATENCY_BREAKS: readonly HlsBreak[] = [
  ...partBreaks(),
  ...promiseBreaks(),
  ...blockingBreaks(),
  ...deltaBreaks(),
];

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
