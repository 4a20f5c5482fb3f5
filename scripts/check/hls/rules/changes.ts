import { distinct, largest, ms, percentile, seconds } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { type HlsContext, hasParts, inEach, isLive, steps } from "../context.ts";
import {
  edgeOf,
  keyOf,
  type MediaPlaylist,
  type OpenSegment,
  partsOf,
  reaches,
  type Segment,
  sum,
} from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** What may change from one playlist to the next, and when it has to. */
export const changeRules: readonly Rule<HlsContext>[] = [
  {
    id: "target-duration-constant",
    section: "6.2.1",
    level: "MUST",
    title: "TARGETDURATION is there and never changes",
    run: (context) => {
      const values = (watch: RenditionWatch) => distinct(watch.playlists.map(({ targetSeconds }) => targetSeconds));
      return verdict(
        inEach(context, (watch) => {
          const [first, ...others] = values(watch);
          return first === undefined || first < 1 || others.length > 0
            ? [`TARGETDURATION ${[first, ...others].join(", then ")}`]
            : [];
        }),
        context.renditions.map((watch) => `${watch.name} ${values(watch).join()} s`).join(", "),
      );
    },
  },
  {
    id: "media-sequence",
    section: "6.2.2",
    level: "MUST",
    title: "MEDIA-SEQUENCE never decreases, and counts what leaves",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, (watch) => [...steps(watch)].flatMap(sequenceProblem)),
        context.renditions
          .map(({ name, playlists, latest }) => `${name} ${playlists[0]?.firstNumber} to ${latest.firstNumber}`)
          .join(", "),
      ),
  },
  {
    id: "discontinuity-sequence",
    section: "6.2.2",
    level: "MUST",
    title: "a segment keeps its discontinuity number",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, (watch) => [...steps(watch)].flatMap(discontinuityProblem)),
        context.renditions.map(({ name, latest }) => `${name} ${latest.firstDiscontinuity}`).join(", "),
      ),
  },
  {
    id: "only-appended",
    section: "6.2.1",
    level: "MUST",
    title: "what is listed stays as it is until it leaves",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, (watch) => [...steps(watch)].flatMap(changeProblems)),
        `${context.renditions.flatMap(({ playlists }) => playlists).length} playlists in a row`,
      ),
  },
  {
    id: "no-playlist-type",
    section: "6.2.2",
    level: "MUST",
    title: "a live playlist has no PLAYLIST-TYPE",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) =>
          distinct(playlists.flatMap(({ type }) => type ?? [])).map((type) => `PLAYLIST-TYPE:${type}`),
        ),
        "none",
      ),
  },
  {
    id: "window-length",
    section: "6.2.2",
    level: "MUST",
    title: "nothing leaves a playlist shorter than 3 target durations",
    needs: [isLive],
    run: (context) => {
      const removals = context.renditions.flatMap((watch) =>
        [...steps(watch)].filter(({ before, after }) => after.firstNumber > before.firstNumber),
      );
      if (removals.length === 0) return unjudged("no segment left during the observation");
      const shortest = Math.min(...removals.map(({ after }) => lengthOf(after)));
      const short = removals.filter(({ after }) => lengthOf(after) < 3 * (after.targetSeconds ?? 0));
      return verdict(
        short.map(({ after }) => `${seconds(lengthOf(after))} left, the target is ${after.targetSeconds} s`),
        `${seconds(shortest)} at least`,
      );
    },
  },
  {
    id: "segment-in-time",
    section: "6.2.1",
    level: "MUST",
    title: "a new segment within 1.5 target durations",
    needs: [isLive],
    run: (context) => {
      const gaps = context.renditions.map((watch) => ({ watch, gaps: segmentGaps(watch) }));
      if (gaps.every((one) => one.gaps.length === 0))
        return unjudged("the observation was too short for two new segments");
      return verdict(
        inEach(context, (watch) => {
          const most = 1500 * (watch.latest.targetSeconds ?? 0);
          return segmentGaps(watch)
            .filter((gap) => gap > most + context.slackMs)
            .map((gap) => `${ms(gap)} without a new segment, ${ms(most)} are allowed`);
        }),
        gaps.map(({ watch, gaps: own }) => `${watch.name} up to ${ms(largest(own))}`).join(", "),
      );
    },
  },
  {
    id: "part-in-time",
    section: "6.2.1",
    level: "MUST",
    title: "a new part within one part target of the last (9 of 10)",
    needs: [isLive, hasParts],
    run: (context) => {
      const judged = context.renditions.filter((watch) => partGaps(watch).length > 0);
      if (judged.length === 0) return unjudged("no new part during the observation");
      return verdict(
        inEach(context, (watch) => {
          const most = 1000 * (watch.latest.partTarget ?? 0);
          const late = percentile(partGaps(watch), 0.9);
          return late > most + context.slackMs ? [`${ms(late)} between two parts, ${ms(most)} are allowed`] : [];
        }),
        judged.map((watch) => `${watch.name} ${gapText(partGaps(watch))}`).join(", "),
      );
    },
  },
  {
    id: "edge-never-starves",
    section: "4.4.3.8",
    level: "SHOULD",
    title: "no pause between parts exceeds PART-HOLD-BACK",
    needs: [isLive, hasParts],
    run: (context) =>
      verdict(
        inEach(context, (watch) => {
          const most = 1000 * Number(watch.latest.serverControl?.get("PART-HOLD-BACK") ?? 0);
          const longest = largest(partGaps(watch));
          return longest > most + context.slackMs
            ? [`${ms(longest)} without a new part, players keep ${ms(most)}`]
            : [];
        }),
        context.renditions.map((watch) => `${watch.name} up to ${ms(largest(partGaps(watch)))}`).join(", "),
      ),
  },
  {
    id: "parts-removed",
    section: "6.2.2",
    level: "SHOULD",
    title: "parts leave after 3 target durations",
    needs: [isLive, hasParts],
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) => distinct(playlists.flatMap(oldParts))),
        context.renditions.map(({ name, latest }) => `${name} lists ${partsOf(latest).length}`).join(", "),
      ),
  },
];

interface Step {
  readonly before: MediaPlaylist;
  readonly after: MediaPlaylist;
}

function sequenceProblem({ before, after }: Step): string[] {
  const [from, to] = [before.firstNumber, after.firstNumber];
  if (to < from) return [`${from} fell to ${to}`];
  // Whoever is still listed tells how many have left.
  const [oldest] = after.segments;
  const earlier = before.segments.find(
    ({ url, range }) => oldest !== undefined && keyOf({ url, range }) === keyOf(oldest),
  );
  return oldest !== undefined && earlier !== undefined && oldest.number !== earlier.number
    ? [`segment ${earlier.number} became ${oldest.number}`]
    : [];
}

function discontinuityProblem({ before, after }: Step): string[] {
  if (after.firstDiscontinuity < before.firstDiscontinuity) {
    return [`DISCONTINUITY-SEQUENCE fell from ${before.firstDiscontinuity} to ${after.firstDiscontinuity}`];
  }
  return pairs(before, after)
    .filter(({ was, is }) => was.discontinuities !== is.discontinuities)
    .map(({ was, is }) => `segment ${was.number} had ${was.discontinuities} and has ${is.discontinuities}`);
}

/** Segments that both playlists list. */
function pairs(before: MediaPlaylist, after: MediaPlaylist): { was: Segment; is: Segment }[] {
  const now = new Map(after.segments.map((segment) => [segment.number, segment]));
  return before.segments.flatMap((was) => {
    const is = now.get(was.number);
    return is === undefined ? [] : [{ was, is }];
  });
}

function changeProblems({ before, after }: Step): string[] {
  const changed = pairs(before, after).filter(({ was, is }) => signature(was) !== signature(is));
  const listed = new Map(partsOf(after).map(({ number, index, part }) => [`${number}.${index}`, part]));
  const parts = partsOf(before).filter(({ number, index, part }) => {
    const is = listed.get(`${number}.${index}`);
    return (
      is !== undefined &&
      `${keyOf(is)} ${is.seconds} ${is.independent}` !== `${keyOf(part)} ${part.seconds} ${part.independent}`
    );
  });
  return [
    ...changed.map(({ was }) => `segment ${was.number} changed`),
    ...parts.map(({ number, index }) => `part ${number}.${index} changed`),
    ...(reaches(after, edgeOf(before)) ? [] : ["the newest part or segment is gone again"]),
    ...openProblem(before.open, after),
  ];
}

/** The parts that a segment was begun with are its parts when it is complete. */
function openProblem(open: OpenSegment, after: MediaPlaylist): string[] {
  const complete = after.segments.find(({ number }) => number === open.number);
  if (complete === undefined || complete.parts.length === 0 || complete.parts.length >= open.parts.length) return [];
  return [`segment ${open.number} had ${open.parts.length} parts and has ${complete.parts.length}`];
}

const signature = (segment: Segment) =>
  [
    keyOf(segment),
    segment.seconds,
    segment.gap,
    segment.map === undefined ? "" : keyOf(segment.map),
    segment.hasOwnDate ? segment.wallMs : "",
  ].join(" ");

const lengthOf = ({ segments, skip, targetSeconds }: MediaPlaylist) =>
  sum(segments.map((segment) => segment.seconds)) + (skip?.segments ?? 0) * (targetSeconds ?? 0);

/** ms between the appearances of two segments. */
const segmentGaps = ({ media }: RenditionWatch) =>
  gapsOf([...media.segments.values()].flatMap(({ appearedAt }) => appearedAt ?? []));

/** The same for parts. */
const partGaps = ({ media }: RenditionWatch) =>
  gapsOf([...media.parts.values()].flatMap(({ appearedAt }) => appearedAt ?? []));

function gapsOf(times: readonly number[]): number[] {
  const at = distinct(times).toSorted((a, b) => a - b);
  return at.slice(1).map((time, index) => time - (at[index] ?? time));
}

const gapText = (gaps: readonly number[]) =>
  `p50 ${ms(percentile(gaps, 0.5))}, p90 ${ms(percentile(gaps, 0.9))}, most ${ms(largest(gaps))}`;

/** Parts that end more than three target durations before the end of the playlist. */
function oldParts({ segments, open, targetSeconds }: MediaPlaylist): string[] {
  let fromEnd = sum(open.parts.map((part) => part.seconds));
  for (const segment of segments.toReversed()) {
    if (fromEnd > 3 * (targetSeconds ?? 0) && segment.parts.length > 0) {
      return [`segment ${segment.number} still has parts, ${seconds(fromEnd)} before the end`];
    }
    fromEnd += segment.seconds;
  }
  return [];
}
