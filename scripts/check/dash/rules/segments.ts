import { isGood, outcomeOf } from "../../client.ts";
import { type MediaFacts, readInit, readMedia } from "../../cmaf-pieces.ts";
import { distinct, seconds } from "../../numbers.ts";
import { type Rule, unjudged, type Verdict, verdict } from "../../rule.ts";
import { type DashContext, hasEarlySegments, isLive, nameOf, representationsOf } from "../context.ts";
import type { MediaSegment, Period, Representation, Template } from "../mpd.ts";
import { maker, segmentsOf } from "../segments.ts";

/** What segments are like, and when they are there. */
export const segmentRules: readonly Rule<DashContext>[] = [
  {
    id: "init-segments",
    section: "6.3.3",
    level: "MUST",
    title: "init segments are there, with the codecs that are named",
    run: (context) => {
      const problems = representationsOf(context).flatMap((one) => initProblem(one, context));
      return verdict(problems, [...context.inits.keys()].join(", "));
    },
  },
  {
    id: "segments-available",
    section: "5.3.9.5.3",
    level: "MUST",
    title: "every segment is there when the clock says so",
    run: ({ fetched }) => {
      if (fetched.length === 0) return unjudged("no complete segment");
      return verdict(
        fetched
          .filter(({ answer }) => !isGood(answer) || answer.body.byteLength === 0)
          .map(({ segment, answer }) => `${nameOf(segment)} answers ${outcomeOf(answer)}`),
        `${fetched.length} asked for`,
      );
    },
  },
  {
    id: "not-before-its-time",
    section: "5.3.9.5.3",
    level: "MUST",
    title: "a segment of the future: 404, or later",
    needs: [isLive],
    run: async (context) => {
      const asked = futureSegments(context);
      const answers = await Promise.all(asked.map(({ url }) => context.watch.client.get(url, { limitMs: NOT_YET_MS })));
      const early = answers.flatMap((answer, index) => {
        const segment = asked[index];
        return segment !== undefined &&
          isGood(answer) &&
          context.watch.wall(answer.endAt) + context.slackMs < segment.availableFrom
          ? [`${nameOf(segment)} answers ${outcomeOf(answer)}`]
          : [];
      });
      return verdict(early, distinct(answers.map(({ status }) => (status === 0 ? "held" : String(status)))).join(", "));
    },
  },
  {
    id: "media-times",
    section: "5.3.9.6, 7.2.1",
    level: "MUST",
    title: "tfdt is what the timeline or the number says",
    run: (context) => byMedia(context, timeProblem),
  },
  {
    id: "media-durations",
    section: "5.3.9.6, 7.2.1",
    level: "MUST",
    title: "segments are as long as they are said to be",
    run: (context) => byMedia(context, durationProblem),
  },
  {
    id: "segments-begin-with-key",
    section: "5.3.3.2",
    level: "MUST",
    title: "where startWithSAP says so, segments begin with a key frame",
    run: (context) =>
      byMedia(context, ({ startsWithKey }, { representation }) =>
        representation.startWithSap && !startsWithKey ? "begins without one" : undefined,
      ),
  },
  {
    id: "several-chunks",
    section: "DASH-IF LL 9.X.4.5",
    level: "SHOULD",
    title: "a segment has several chunks",
    needs: [isLive, hasEarlySegments],
    run: (context) => byMedia(context, ({ chunks }) => (chunks > 1 ? undefined : "has one chunk")),
  },
];

/** How far ahead is asked, in segments, and how long the answer is waited for. */
const FUTURE_SEGMENTS = 4;
const NOT_YET_MS = 1_500;
/** A frame of 25 per second. */
const TOLERANCE_SECONDS = 0.04;

function initProblem({ id, codecs, template }: Representation, { inits }: DashContext): string[] {
  const answer = inits.get(id);
  if (answer === undefined) return template?.initialization === undefined ? [] : [`${id}: not asked for`];
  if (!isGood(answer)) return [`${id} answers ${outcomeOf(answer)}`];
  const init = readInit(answer.body);
  if (typeof init === "string") return [`${id}: ${init}`];
  const [kind = ""] = init.codecs.toLowerCase().split(".");
  return codecs
    .toLowerCase()
    .split(",")
    .some((one) => one.trim().startsWith(kind))
    ? []
    : [`${id} is ${init.codecs}, the manifest says ${codecs}`];
}

/** One segment of each representation that cannot be there yet. */
function futureSegments({ watch }: DashContext): MediaSegment[] {
  const { latest } = watch;
  const period = latest.periods.at(-1);
  if (period === undefined) return [];
  return period.representations.flatMap((one) => {
    const { template } = one;
    if (template === undefined) return [];
    const [newest] = segmentsOf(latest, period, one, watch.wall()).slice(-1);
    return newest === undefined ? [] : [after(newest, watch.latest, period, template)];
  });
}

function after(
  newest: MediaSegment,
  mpd: DashContext["watch"]["latest"],
  period: Period,
  template: Template,
): MediaSegment {
  const make = maker(mpd, period, newest.representation, template);
  return make(newest.number + FUTURE_SEGMENTS, newest.time + FUTURE_SEGMENTS * newest.duration, newest.duration, false);
}

function byMedia(
  context: DashContext,
  problemOf: (facts: MediaFacts, segment: MediaSegment, timescale: number) => string | undefined,
): Verdict {
  let judged = 0;
  const problems = context.fetched.flatMap(({ segment, answer }) => {
    const initAnswer = context.inits.get(segment.representation.id);
    const init = initAnswer === undefined ? "" : readInit(initAnswer.body);
    const facts = typeof init === "string" || !isGood(answer) ? "" : readMedia(answer.body, init);
    if (typeof init === "string" || typeof facts === "string") return [];
    judged += 1;
    const problem = problemOf(facts, segment, init.timescale);
    return problem === undefined ? [] : [`${nameOf(segment)} ${problem}`];
  });
  return judged === 0
    ? unjudged("no segment that can be read as fragmented MP4 of one track")
    : verdict(problems, `${judged} segments read`);
}

/** A reckoned segment may begin half its length away from where it should (§7.2.1), a listed one has to be there. */
function timeProblem(
  { start, decodeTime }: MediaFacts,
  { time, duration, listed, representation }: MediaSegment,
  own: number,
): string | undefined {
  const timescale = representation.template?.timescale ?? 1;
  const expected = (time / timescale) * own;
  const off = Math.min(Math.abs(start - expected), Math.abs(decodeTime - expected)) / own;
  const most = TOLERANCE_SECONDS + (listed ? 0 : duration / timescale / 2);
  return off > most ? `begins at ${seconds(start / own)}, it should at ${seconds(time / timescale)}` : undefined;
}

function durationProblem({ duration }: MediaFacts, segment: MediaSegment, timescale: number): string | undefined {
  const has = duration / timescale;
  const most = TOLERANCE_SECONDS + (segment.listed ? 0 : segment.seconds / 2);
  return Math.abs(has - segment.seconds) > most
    ? `has ${seconds(has)}, it should have ${seconds(segment.seconds)}`
    : undefined;
}
