import { isGood, outcomeOf } from "../../client.ts";
import { type MediaFacts, readInit, readMedia } from "../../cmaf-pieces.ts";
import { distinct, largest, median, ms, seconds } from "../../numbers.ts";
import { type Rule, unjudged, type Verdict, verdict } from "../../rule.ts";
import {
  type DashContext,
  hasEarlySegments,
  isLive,
  nameOf,
  representationsOf,
  roundTripMs,
  sawProgress,
} from "../context.ts";
import type { MediaSegment, Period, Representation, Template } from "../mpd.ts";
import { maker, segmentsOf } from "../segments.ts";
import type { ProgressRecord } from "../watch.ts";

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
    id: "segment-in-progress-is-there",
    section: "5.3.9.5.3; DASH-IF LL",
    level: "MUST",
    title: "the first chunk is there when the segment begins to be available",
    needs: [isLive, hasEarlySegments, sawProgress],
    run: (context) => {
      const most = context.slackMs + roundTripMs(context);
      const waits = context.watch.progress.map(({ segment, answer }) => ({
        segment,
        answer,
        wait: (answer.pieces[0]?.at ?? answer.endAt) - answer.sentAt,
      }));
      const late = waits.filter(({ answer, wait }) => !isGood(answer) || wait > most);
      return verdict(
        late.map(({ segment, answer, wait }) =>
          isGood(answer)
            ? `${nameOf(segment)}: first byte after ${ms(wait)}`
            : `${nameOf(segment)} answers ${outcomeOf(answer)}`,
        ),
        `${waits.length} segments, first byte after ${ms(median(waits.map(({ wait }) => wait)))}, at most ${ms(largest(waits.map(({ wait }) => wait)))}`,
      );
    },
  },
  {
    id: "segment-in-progress-has-no-length",
    section: "DASH-IF LL; RFC 9112 7.1",
    level: "MUST",
    title: "a segment in progress is sent without Content-Length",
    needs: [isLive, hasEarlySegments, sawProgress],
    run: (context) =>
      ofProgress(
        context,
        ({ answer }) => {
          const length = answer.headers.get("content-length");
          return length === null ? undefined : `Content-Length: ${length}`;
        },
        ({ answer }) => answer.headers.get("transfer-encoding") ?? "no Transfer-Encoding",
      ),
  },
  {
    id: "segment-in-progress-comes-over-time",
    section: "DASH-IF LL",
    level: "MUST",
    title: "its bytes come as they are made",
    needs: [isLive, hasEarlySegments, sawProgress],
    run: (context) =>
      ofProgress(
        context,
        (record) => {
          const { came, left } = spread(context, record);
          return came < left * COMES_OVER
            ? `came within ${ms(came)}, ${ms(left)} of it were still to be made`
            : undefined;
        },
        (record) => `over ${seconds(Math.round(spread(context, record).came / 100) / 10)}`,
      ),
  },
  {
    id: "segment-complete-in-time",
    section: "5.3.9.5.3",
    level: "MUST",
    title: "all of it is there when the segment is over",
    needs: [isLive, hasEarlySegments, sawProgress],
    run: (context) =>
      ofProgress(
        context,
        ({ segment, answer }) => {
          const late =
            context.watch.wall(answer.endAt) - Math.max(segment.completeFrom, context.watch.wall(answer.sentAt));
          return late > context.slackMs + roundTripMs(context) ? `its end came ${ms(late)} late` : undefined;
        },
        () => "in time",
      ),
  },
  {
    id: "several-chunks",
    section: "DASH-IF LL",
    level: "MUST",
    title: "a segment has several chunks",
    needs: [isLive, hasEarlySegments],
    run: (context) => byMedia(context, ({ chunks }) => (chunks > 1 ? undefined : "has one chunk")),
  },
  {
    id: "same-bytes-later",
    section: "5.3.9.5.3",
    level: "MUST",
    title: "a complete segment is what came while it was made",
    needs: [isLive, hasEarlySegments, sawProgress],
    run: (context) =>
      ofProgress(
        context,
        ({ answer, again }) => {
          if (again === undefined || !isGood(answer) || !isGood(again)) return undefined;
          return Buffer.compare(answer.body, again.body) === 0
            ? undefined
            : `${answer.body.byteLength} bytes, later ${again.body.byteLength}`;
        },
        () => "the same",
      ),
  },
];

/** How far ahead is asked, in segments, and how long the answer is waited for. */
const FUTURE_SEGMENTS = 4;
const NOT_YET_MS = 1_500;
/** Share of the time a segment still takes that its bytes have to be spread over. */
const COMES_OVER = 0.5;
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
  const most = listed ? TOLERANCE_SECONDS : duration / timescale / 2;
  return off > most ? `begins at ${seconds(start / own)}, it should at ${seconds(time / timescale)}` : undefined;
}

function durationProblem({ duration }: MediaFacts, segment: MediaSegment, timescale: number): string | undefined {
  const has = duration / timescale;
  const most = segment.listed ? TOLERANCE_SECONDS : segment.seconds / 2;
  return Math.abs(has - segment.seconds) > most
    ? `has ${seconds(has)}, it should have ${seconds(segment.seconds)}`
    : undefined;
}

function ofProgress(
  { watch: { progress } }: DashContext,
  problemOf: (record: ProgressRecord) => string | undefined,
  seenOf: (record: ProgressRecord) => string,
): Verdict {
  const good = progress.filter(({ answer }) => isGood(answer));
  if (good.length === 0) return unjudged("no segment came while it was made");
  const problems = good.flatMap((record) => {
    const problem = problemOf(record);
    return problem === undefined ? [] : [`${nameOf(record.segment)}: ${problem}`];
  });
  return verdict(problems, `${good.length} segments: ${distinct(good.map(seenOf)).slice(0, 4).join(", ")}`);
}

/** ms over which the bytes came, and ms that the segment had still to go when it was asked for. */
function spread({ watch }: DashContext, { segment, answer }: ProgressRecord): { came: number; left: number } {
  const first = answer.pieces[0]?.at ?? answer.endAt;
  return { came: (answer.pieces.at(-1)?.at ?? first) - first, left: segment.completeFrom - watch.wall(answer.sentAt) };
}
