import { isGood, outcomeOf } from "../../client.ts";
import { distinct, largest, median, ms } from "../../numbers.ts";
import { type Rule, unjudged, type Verdict, verdict } from "../../rule.ts";
import { type DashContext, hasEarlySegments, isLive, nameOf, roundTripMs, sawProgress } from "../context.ts";
import { isFresh, type ProgressRecord } from "../watch.ts";

/** How a segment comes while it is made. */
export const progressRules: readonly Rule<DashContext>[] = [
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
        ({ segment, answer }) => {
          const length = answer.headers.get("content-length");
          // Answered late, it may be complete.
          const mayBeOver = !isFresh(segment, context.watch.wall(answer.headersAt));
          return length === null || mayBeOver ? undefined : `Content-Length: ${length}`;
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
    run: (context) => {
      const judged = context.watch.progress
        .filter(({ segment, answer }) => isGood(answer) && isFresh(segment, context.watch.wall(answer.headersAt)))
        .map((record) => spread(context, record));
      if (judged.length === 0) return unjudged("no segment came while it was made");
      // The median, because one that was asked for late shows nothing.
      const share = median(judged.map(({ came, left }) => came / Math.max(left, 1)));
      const seen = `over ${ms(median(judged.map(({ came }) => came)))}, ${ms(median(judged.map(({ left }) => left)))} were still to be made (median of ${judged.length})`;
      return verdict(share < COMES_OVER ? [seen] : [], seen);
    },
  },
  {
    id: "segment-complete-in-time",
    section: "5.3.9.5.3",
    level: "SHOULD",
    title: "all of it is there when the segment is over",
    needs: [isLive, hasEarlySegments, sawProgress],
    run: (context) => {
      const { watch, slackMs } = context;
      const ends = watch.progress
        .filter(({ answer }) => isGood(answer))
        .map(({ segment, answer }) => {
          // Whoever asks when it is over already gets it as fast as the network goes.
          const due = Math.max(segment.completeFrom, watch.wall(answer.sentAt));
          return { name: nameOf(segment), late: watch.wall(answer.endAt) - due };
        });
      if (ends.length === 0) return unjudged("no segment came while it was made");
      const most = slackMs + roundTripMs(context);
      return verdict(
        ends.filter(({ late }) => late > most).map(({ name, late }) => `${name}: its end came ${ms(late)} late`),
        `${ends.length} segments, ${ms(median(ends.map(({ late }) => late)))} after their time, at most ${ms(Math.max(...ends.map(({ late }) => late)))}`,
      );
    },
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

/** Share of the time a segment still takes that its bytes have to be spread over. */
const COMES_OVER = 0.5;
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
