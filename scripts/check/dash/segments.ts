import type { MediaSegment, Mpd, Period, Representation, Template, TimelineEntry } from "./mpd.ts";

/** Reckoned segments are not written out endlessly. */
const MAX_RECKONED = 2_000;
const MAX_OFFSET_SECONDS = 60;
/** Seconds of history where the manifest sets no limit. */
const HISTORY_SECONDS = 120;

/** The segments of a representation that can be asked for at `now` (Unix time in ms), and those of the next `aheadMs`. */
export function segmentsOf(
  mpd: Mpd,
  period: Period,
  representation: Representation,
  now: number,
  aheadMs = 0,
): MediaSegment[] {
  const { template } = representation;
  if (template?.media === undefined) return [];
  const make = maker(mpd, period, representation, template);
  const depthMs = 1000 * (mpd.timeShiftBufferDepth ?? HISTORY_SECONDS);
  const until = now + aheadMs;
  const all =
    template.timeline === undefined
      ? reckoned(mpd, period, template, until, depthMs).map((index) => {
          const { startNumber, presentationTimeOffset, duration = 0 } = template;
          return make(startNumber + index, presentationTimeOffset + index * duration, duration, false);
        })
      : listed(template.timeline, template.timelineGoesOn && mpd.dynamic, make, until);
  if (!mpd.dynamic) return all;
  return all.filter((segment) => segment.availableFrom <= now + aheadMs && segment.completeFrom > now - depthMs);
}

/** The entries of a timeline, the last of them again and again until `until` where it goes on. */
function listed(timeline: readonly TimelineEntry[], goesOn: boolean, make: Make, until: number): MediaSegment[] {
  const all = timeline.map(({ number, time, duration }) => make(number, time, duration, true));
  for (let last = all.at(-1); goesOn && last !== undefined && all.length < MAX_RECKONED; last = all.at(-1)) {
    const next = make(last.number + 1, last.time + last.duration, last.duration, true);
    if (next.availableFrom > until) break;
    all.push(next);
  }
  return all;
}

/** Indexes of regular segments that begin before `until`, the newest MAX_RECKONED that are not older than the window. */
function reckoned(
  mpd: Mpd,
  { start, duration: whole }: Period,
  template: Template,
  until: number,
  depthMs: number,
): number[] {
  const length = (template.duration ?? 0) / template.timescale;
  if (length <= 0) return [];
  const total = whole === undefined ? Number.POSITIVE_INFINITY : Math.ceil(whole / length - 1e-6);
  // INF says that every segment can be asked for at any time; those that are not over yet have to end somewhere.
  const offset = Math.min(template.availabilityTimeOffset, MAX_OFFSET_SECONDS);
  const elapsed = mpd.dynamic
    ? (until - (mpd.availabilityStart ?? 0)) / 1000 - start + offset
    : Number.POSITIVE_INFINITY;
  const end = Math.min(total, Math.floor(elapsed / length));
  const first = mpd.dynamic ? Math.floor((elapsed - depthMs / 1000) / length) - 2 : 0;
  if (!Number.isFinite(end)) return [];
  const from = Math.max(0, first, end - MAX_RECKONED);
  return Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
}

type Make = (number: number, time: number, duration: number, listed: boolean) => MediaSegment;

/** How a segment of a representation is made from its number and time. */
export function maker(mpd: Mpd, period: Period, representation: Representation, template: Template): Make {
  const { timescale, presentationTimeOffset, availabilityTimeOffset, media = "" } = template;
  const zero = (mpd.availabilityStart ?? 0) + period.start * 1000 - (presentationTimeOffset / timescale) * 1000;
  return (number, time, duration, listed) => {
    const completeFrom = zero + ((time + duration) / timescale) * 1000;
    return {
      ...{ representation, number, time, duration, listed, completeFrom },
      seconds: duration / timescale,
      url: addressOf(media, representation, { number, time }),
      availableFrom: completeFrom - 1000 * availabilityTimeOffset,
    };
  };
}

/** The address of the init segment; undefined where there is none. */
export function initAddress(representation: Representation): string | undefined {
  const { initialization } = representation.template ?? {};
  return initialization === undefined ? undefined : addressOf(initialization, representation, {});
}

/** Fills a template in (§5.3.9.4.4). */
function addressOf(
  template: string,
  { id, bandwidth, base }: Representation,
  { number, time }: { number?: number; time?: number },
): string {
  const values = new Map<string, string | undefined>([
    ["RepresentationID", id],
    ["Bandwidth", bandwidth?.toString()],
    ["Number", number?.toString()],
    ["Time", time?.toString()],
  ]);
  const path = template.replaceAll(/\$(\w*)(?:%0(\d+)d)?\$/g, (whole, name: string, width: string | undefined) =>
    name === "" ? "$" : (values.get(name)?.padStart(Number(width ?? 0), "0") ?? whole),
  );
  return URL.canParse(path, base) ? new URL(path, base).href : path;
}
