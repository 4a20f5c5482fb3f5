/** A part of a segment (RFC 8216bis §4.4.4.9). */
export interface PlaylistPart {
  /** Relative to the playlist. */
  readonly uri: string;
  readonly seconds: number;
  /** It begins with a key frame. */
  readonly independent: boolean;
}

/** What stands before a segment, whether it is complete or not. */
export interface SegmentHead {
  /** Init segment that it needs, relative to the playlist. */
  readonly mapUri: string;
  /** How many discontinuities lie at or before it in the whole broadcast. */
  readonly discontinuities: number;
  /** Unix time in ms of its first frame. */
  readonly wallMs: number;
  /** Empty where they are not listed. */
  readonly parts: readonly PlaylistPart[];
}

/** One line of a media playlist that stands for a segment. */
export interface PlaylistSegment extends SegmentHead {
  /** Relative to the playlist. */
  readonly uri: string;
  readonly seconds: number;
  readonly gap: boolean;
}

/** Where another rendition is (§4.4.5.4). */
export interface RenditionReport {
  /** Its playlist, relative to this one. */
  readonly uri: string;
  readonly lastNumber: number;
  readonly lastPart: number | undefined;
}

/** What makes a live playlist one of low latency. */
export interface LowLatency {
  readonly partTargetSeconds: number;
  /** How far behind the newest part players shall stay. */
  readonly holdBackSeconds: number;
  /** The segment that is being made. */
  readonly open: SegmentHead | undefined;
  /** The part that comes next, relative to the playlist. */
  readonly hintUri: string | undefined;
  readonly reports: readonly RenditionReport[];
  /** How many of the segments a delta update leaves out; 0 in the whole playlist. */
  readonly skip: number;
}

/** Something that happens at a date, for a while (§4.4.5.1). */
export interface DateRange {
  readonly id: string;
  readonly className: string;
  /** ISO 8601. */
  readonly startDate: string;
  /** Undefined while it goes on. */
  readonly seconds: number | undefined;
  /** Become attributes of their own. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** A media playlist (RFC 8216bis §4.4.3). */
export interface MediaPlaylist {
  readonly targetSeconds: number;
  readonly firstNumber: number;
  readonly segments: readonly PlaylistSegment[];
  /** Delta updates list them, too: nothing says that they may leave them out. */
  readonly dateRanges?: readonly DateRange[];
  readonly ended: boolean;
  /** Only for a recording, which keeps what it has: a live playlist that forgets must not carry it. */
  readonly type?: "VOD" | "EVENT";
  /** Only while it can be watched live. */
  readonly lowLatency?: LowLatency;
}

/** Fragmented MP4 and EXT-X-MAP in an ordinary playlist want 6 (RFC 8216bis §8). */
export const PLAIN_VERSION = 7;
/** Delta updates want 9; the whole playlist says the same, so that it does not change between two of them. */
const LOW_LATENCY_VERSION = 9;
/** In target durations: what players that do not know parts keep, and how much a delta update must list (§4.4.3.8). */
const HOLD_BACK_TARGETS = 3;
export const SKIP_BOUNDARY_TARGETS = 6;

/** Writes a media playlist. */
export function formatMediaPlaylist(playlist: MediaPlaylist): string {
  const { segments, lowLatency, targetSeconds, firstNumber, ended, type } = playlist;
  const skip = lowLatency?.skip ?? 0;
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${lowLatency === undefined ? PLAIN_VERSION : LOW_LATENCY_VERSION}`,
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    ...(lowLatency === undefined ? [] : controlLines(lowLatency, targetSeconds)),
    `#EXT-X-MEDIA-SEQUENCE:${firstNumber}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${segments[0]?.discontinuities ?? lowLatency?.open?.discontinuities ?? 0}`,
    ...(type === undefined ? [] : [`#EXT-X-PLAYLIST-TYPE:${type}`]),
    "#EXT-X-INDEPENDENT-SEGMENTS",
    ...(skip === 0 ? [] : [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skip}`]),
    ...(playlist.dateRanges ?? []).map(dateRangeLine),
  ];
  for (let index = skip; index < segments.length; index++) {
    const segment = segments[index];
    // Whatever is left out, the first that is there names its init segment.
    if (segment !== undefined) lines.push(...segmentLines(segment, segments[index - 1], index === skip));
  }
  if (lowLatency !== undefined && !ended) lines.push(...edgeLines(lowLatency, segments.at(-1)));
  if (ended) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

function controlLines({ partTargetSeconds, holdBackSeconds }: LowLatency, targetSeconds: number): string[] {
  const control = [
    "CAN-BLOCK-RELOAD=YES",
    `PART-HOLD-BACK=${decimal(holdBackSeconds)}`,
    `HOLD-BACK=${decimal(HOLD_BACK_TARGETS * targetSeconds)}`,
    `CAN-SKIP-UNTIL=${decimal(SKIP_BOUNDARY_TARGETS * targetSeconds)}`,
  ];
  return [`#EXT-X-SERVER-CONTROL:${control.join(",")}`, `#EXT-X-PART-INF:PART-TARGET=${decimal(partTargetSeconds)}`];
}

function segmentLines(segment: PlaylistSegment, previous: PlaylistSegment | undefined, first: boolean): string[] {
  const lines = headLines(segment, previous, first);
  if (segment.gap) lines.push("#EXT-X-GAP");
  lines.push(`#EXTINF:${segment.seconds.toFixed(5)},`, segment.uri);
  return lines;
}

/** Everything that applies to a segment stands before its first part, which it applies to as well (§4.4.4.9). */
function headLines(head: SegmentHead, previous: SegmentHead | undefined, first: boolean): string[] {
  const lines: string[] = [];
  const breaks = previous !== undefined && head.discontinuities !== previous.discontinuities;
  if (breaks) lines.push("#EXT-X-DISCONTINUITY");
  if (first || breaks || head.mapUri !== previous?.mapUri) lines.push(`#EXT-X-MAP:URI="${head.mapUri}"`);
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(head.wallMs).toISOString()}`);
  for (const { uri, seconds, independent } of head.parts) {
    lines.push(`#EXT-X-PART:DURATION=${seconds.toFixed(5)},URI="${uri}"${independent ? ",INDEPENDENT=YES" : ""}`);
  }
  return lines;
}

function edgeLines({ open, hintUri, reports }: LowLatency, last: PlaylistSegment | undefined): string[] {
  return [
    ...(open === undefined || open.parts.length === 0 ? [] : headLines(open, last, false)),
    ...(hintUri === undefined ? [] : [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${hintUri}"`]),
    ...reports.map(({ uri, lastNumber, lastPart }) => {
      const part = lastPart === undefined ? "" : `,LAST-PART=${lastPart}`;
      return `#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=${lastNumber}${part}`;
    }),
  ];
}

function dateRangeLine({ id, className, startDate, seconds, facts }: DateRange): string {
  const own = Object.entries(facts).map(([name, value]) => `${attributeName(name)}=${attributeValue(value)}`);
  const duration = seconds === undefined ? [] : [`DURATION=${decimal(seconds)}`];
  return `#EXT-X-DATERANGE:${[`ID="${id}"`, `CLASS="${className}"`, `START-DATE="${startDate}"`, ...duration, ...own].join(",")}`;
}

/** `shortTerm` becomes X-SHORT-TERM (§4.4.5.1: names of one's own begin with X-). */
function attributeName(name: string): string {
  return `X-${name.replaceAll(/[A-Z]/g, "-$&").toUpperCase()}`;
}

/** A decimal number or a text in quotes, which cannot contain quotes or ends of lines (§4.2). Below 0, only a text. */
function attributeValue(value: string | number | boolean): string {
  if (typeof value === "number" && value >= 0) return decimal(value);
  return `"${String(value).replaceAll(/["\r\n]/g, " ")}"`;
}

function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}
