import { distinct, largest, ms, percentile, seconds } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { type HlsContext, hasParts, inEach, isLive, steps } from "../context.ts";
import { type MediaPlaylist, partsOf, sum } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** When a playlist has to change. */
export const timingRules: readonly Rule<HlsContext>[] = [
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
const lengthOf = ({ segments, skip, targetSeconds }: MediaPlaylist) =>
  sum(segments.map((segment) => segment.seconds)) + (skip?.segments ?? 0) * (targetSeconds ?? 0);

/** ms without a new segment: between two, before the first and after the last that was seen. */
const segmentGaps = (watch: RenditionWatch) => gapsOf(watch, [...watch.media.segments.values()]);

/** The same for parts. */
const partGaps = (watch: RenditionWatch) => gapsOf(watch, [...watch.media.parts.values()]);

function gapsOf(
  { snapshots }: RenditionWatch,
  records: readonly { readonly appearedAt: number | undefined }[],
): number[] {
  const ends = [snapshots.at(0), snapshots.at(-1)].flatMap((snapshot) => snapshot?.answer.endAt ?? []);
  const at = distinct([...ends, ...records.flatMap(({ appearedAt }) => appearedAt ?? [])]).toSorted((x, y) => x - y);
  return at.slice(1).map((time, index) => time - (at[index] ?? time));
}

const gapText = (gaps: readonly number[]) =>
  `p50 ${ms(percentile(gaps, 0.5))}, p90 ${ms(percentile(gaps, 0.9))}, most ${ms(largest(gaps))}`;

/** Parts that end more than three target durations before the end of the playlist. */
function oldParts({ segments, open, targetSeconds, partTarget }: MediaPlaylist): string[] {
  let fromEnd = sum(open.parts.map((part) => part.seconds));
  for (const segment of segments.toReversed()) {
    // The end moves on by one part at a time.
    if (fromEnd > 3 * (targetSeconds ?? 0) + (partTarget ?? 0) && segment.parts.length > 0) {
      return [`segment ${segment.number} still has parts, ${seconds(fromEnd)} before the end`];
    }
    fromEnd += segment.seconds;
  }
  return [];
}
