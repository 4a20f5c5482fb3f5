import { isGood } from "../../client.ts";
import { readMedia } from "../../cmaf-pieces.ts";
import { distinct, largest, ms, percentile } from "../../numbers.ts";
import { fail, pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { type HlsContext, hasParts, hasSeveral, inEach, isLive } from "../context.ts";
import type { RenditionWatch } from "../watch.ts";

/** What the renditions of one presentation have to have in common. */
export const renditionRules: readonly Rule<HlsContext>[] = [
  {
    id: "same-target-duration",
    section: "6.2.4",
    level: "MUST",
    title: "all renditions have the same TARGETDURATION",
    needs: [hasSeveral],
    run: (context) => same(context, ({ latest }) => String(latest.targetSeconds)),
  },
  {
    id: "same-server-control",
    section: "6.2.4",
    level: "MUST",
    title: "all renditions have the same SERVER-CONTROL",
    needs: [hasSeveral],
    run: (context) =>
      same(context, ({ latest: { serverControl } }) =>
        serverControl === undefined
          ? "none"
          : [...serverControl]
              .map((pair) => pair.join("="))
              .toSorted()
              .join(","),
      ),
  },
  {
    id: "date-everywhere",
    section: "6.2.4, B.1",
    level: "MUST",
    title: "PROGRAM-DATE-TIME in all renditions; in none only without parts",
    run: (context) => {
      const dated = context.renditions.filter(({ latest }) => hasDate(latest));
      const without = context.renditions.filter(({ latest }) => !hasDate(latest)).map(({ name }) => `${name} has none`);
      if (dated.length === 0 && hasParts(context) !== undefined) return pass("none has one");
      return verdict(without, `all ${dated.length}`);
    },
  },
  {
    id: "dates-consistent",
    section: "6.2.4",
    level: "MUST",
    title: "dates and media times belong together alike in all",
    needs: [hasSeveral],
    run: (context) => {
      const offsets = context.renditions.flatMap((watch) => dateOffsets(watch));
      const spreads = distinct(offsets.map(({ discontinuities }) => discontinuities))
        .map((discontinuities) => offsets.filter((offset) => offset.discontinuities === discontinuities))
        .filter((own) => new Set(own.map(({ name }) => name)).size > 1)
        .map((own) => Math.max(...own.map(({ ms: one }) => one)) - Math.min(...own.map(({ ms: one }) => one)));
      if (spreads.length === 0) return unjudged("no two renditions with dates and media times that can be read");
      const spread = largest(spreads);
      const seen = `${ms(spread)} between the renditions`;
      return spread <= DATE_TOLERANCE_MS ? pass(seen) : fail(seen);
    },
  },
  {
    id: "same-discontinuities",
    section: "6.2.4",
    level: "MUST",
    title: "matching content has the same discontinuity number",
    needs: [hasSeveral],
    run: (context) => {
      const [first, ...others] = context.renditions;
      if (first === undefined || !others.every(({ latest }) => hasDate(latest)))
        return unjudged("no dates to match content by");
      const problems = others.flatMap((other) => discontinuityMismatches(first, other));
      const numbers = first.latest.segments.map(({ discontinuities }) => discontinuities);
      return verdict(problems, `${Math.min(...numbers)} to ${Math.max(...numbers)}`);
    },
  },
  {
    id: "updated-in-sync",
    section: "B.1",
    level: "MUST",
    title: "renditions are updated within a part target (9 of 10)",
    needs: [isLive, hasParts, hasSeveral],
    run: (context) => {
      const lags = context.renditions.flatMap((one) =>
        context.renditions
          .filter((other) => other !== one)
          .map((other) => ({ one, other, lag: lagBehind(one, other) })),
      );
      const judged = lags.filter(({ lag }) => lag !== undefined);
      if (judged.length === 0) return unjudged("no dates, or too few new parts");
      return verdict(
        judged.flatMap(({ one, other, lag = 0 }) => {
          const most = 1000 * (one.latest.partTarget ?? 0) + context.slackMs;
          return lag > most ? [`${other.name} comes ${ms(lag)} after ${one.name}`] : [];
        }),
        `at most ${ms(largest(judged.map(({ lag = 0 }) => lag)))} too late`,
      );
    },
  },
  {
    id: "part-inf-with-parts",
    section: "4.4.3.7",
    level: "MUST",
    title: "PART-INF wherever there are parts",
    needs: [hasParts],
    run: (context) =>
      verdict(
        inEach(context, ({ latest, media }) =>
          media.parts.size > 0 && latest.partTarget === undefined ? ["parts without EXT-X-PART-INF"] : [],
        ),
        context.renditions.map(({ name, latest }) => `${name} ${latest.partTarget ?? "none"}`).join(", "),
      ),
  },
];

/** Dates have ms, durations that are added up to get from one to the next have little more. */
const DATE_TOLERANCE_MS = 50;

const hasDate = ({ segments }: RenditionWatch["latest"]) => segments.some(({ hasOwnDate }) => hasOwnDate);

function same({ renditions }: HlsContext, tell: (watch: RenditionWatch) => string) {
  const values = renditions.map((watch) => ({ name: watch.name, value: tell(watch) }));
  const different = new Set(values.map(({ value }) => value)).size > 1;
  if (!different) return pass(values[0]?.value ?? "");
  return fail(values.map(({ name, value }) => `${name}: ${value}`).join("; "));
}

/** For each segment that was fetched: date minus media time. */
function dateOffsets({ name, media }: RenditionWatch) {
  return [...media.segments.values()].flatMap(({ segment, answer }) => {
    const init = media.init(segment.map);
    if (answer === undefined || !isGood(answer) || typeof init === "string" || segment.wallMs === undefined) return [];
    const facts = readMedia(answer.body, init);
    if (typeof facts === "string") return [];
    const { discontinuities, wallMs } = segment;
    return [{ name, discontinuities, ms: wallMs - (facts.start / init.timescale) * 1000 }];
  });
}

/** Segments of `other` in the middle of whose dates another discontinuity number holds in `first`. */
function discontinuityMismatches(first: RenditionWatch, other: RenditionWatch): string[] {
  return other.latest.segments.flatMap(({ number, wallMs, seconds, discontinuities }) => {
    if (wallMs === undefined) return [];
    const middle = wallMs + seconds * 500;
    const match = first.latest.segments.find(
      (segment) =>
        segment.wallMs !== undefined && segment.wallMs <= middle && middle < segment.wallMs + segment.seconds * 1000,
    );
    return match === undefined || match.discontinuities === discontinuities
      ? []
      : [
          `segment ${number} of ${other.name} has ${discontinuities}, ${first.name} has ${match.discontinuities} at that time`,
        ];
  });
}

/** ms (9 of 10) by which `other` lists too late what is one part target older than the newest of `one`. */
function lagBehind(one: RenditionWatch, other: RenditionWatch): number | undefined {
  const theirs = partEnds(other);
  const allowance = 1000 * (one.latest.partTarget ?? 0);
  const lags = partEnds(one).flatMap(({ at, endMs }) => {
    const match = theirs.find((part) => part.endMs >= endMs - allowance);
    return match === undefined ? [] : [Math.max(0, match.at - at)];
  });
  return lags.length === 0 ? undefined : percentile(lags, 0.9);
}

/** When each new part was there, and the date of its end. */
function partEnds({ snapshots, media }: RenditionWatch): { at: number; endMs: number }[] {
  const starts = new Map(
    snapshots.flatMap(({ playlist }) =>
      [...playlist.segments, playlist.open].map(({ number, wallMs }) => [number, wallMs] as const),
    ),
  );
  const elapsed = new Map<number, number>();
  return [...media.parts.values()].flatMap(({ number, part, appearedAt }) => {
    const seconds = (elapsed.get(number) ?? 0) + part.seconds;
    elapsed.set(number, seconds);
    const start = starts.get(number);
    return appearedAt === undefined || start === undefined ? [] : [{ at: appearedAt, endMs: start + seconds * 1000 }];
  });
}
