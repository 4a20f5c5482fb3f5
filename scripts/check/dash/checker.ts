import type { Answer, Client } from "../client.ts";
import { isGood, outcomeOf } from "../client.ts";
import { CannotCheck, type Checker, type CheckOptions } from "../command-line.ts";
import { type DashContext, type FetchedSegment, representationsOf } from "./context.ts";
import type { MediaSegment } from "./mpd.ts";
import { dashRules } from "./rules/all.ts";
import { initAddress, segmentsOf } from "./segments.ts";
import { DashWatch } from "./watch.ts";

/** Checks any server's DASH and low-latency DASH. */
export const dashChecker: Checker<DashContext> = { name: "check:dash", rules: dashRules, observe };

/** Follows a manifest for as long as was asked, then asks for everything that it says is there. */
async function observe({ url, seconds, slackMs }: CheckOptions, client: Client): Promise<DashContext> {
  const entry = await client.get(url);
  if (entry.status === 0) throw new CannotCheck(`${url} cannot be reached: ${entry.problem}`);
  if (!isGood(entry)) throw new CannotCheck(`${url} answers ${outcomeOf(entry)}`);
  const watch = new DashWatch(url, client, slackMs);
  const reason = watch.take(entry);
  if (reason !== undefined) throw new CannotCheck(`${url} is no DASH manifest: ${reason}`);
  await watch.follow(performance.now() + seconds * 1000);
  const bare = { watch, fetched: [], inits: new Map<string, Answer>(), slackMs };
  const [inits, fetched] = await Promise.all([fetchInits(bare), fetchSegments(bare)]);
  return { watch, fetched, inits, slackMs };
}

async function fetchInits(context: DashContext): Promise<Map<string, Answer>> {
  const answers = await Promise.all(
    representationsOf(context).map(async (representation) => {
      const url = initAddress(representation);
      return url === undefined ? undefined : ([representation.id, await context.watch.client.get(url)] as const);
    }),
  );
  return new Map(answers.filter((answer) => answer !== undefined));
}

/** Segments of one representation that are asked for: the newest. */
const MOST_SEGMENTS = 60;
/** Requests of one representation at a time. */
const AT_ONCE = 4;
/** What is about to leave the window may be gone before it is asked for. */
const LEAVING_MS = 3_000;

async function fetchSegments({ watch, slackMs }: DashContext): Promise<FetchedSegment[]> {
  const { latest } = watch;
  const period = latest.periods.at(-1);
  if (period === undefined) return [];
  const now = watch.wall();
  const leavesAt = now - 1000 * (latest.timeShiftBufferDepth ?? Number.POSITIVE_INFINITY);
  const isThere = ({ completeFrom }: MediaSegment) =>
    !latest.dynamic || (completeFrom + slackMs <= now && completeFrom - LEAVING_MS > leavesAt);
  const lists = period.representations.map((one) => segmentsOf(latest, period, one, now).filter(isThere));
  const fetched = await Promise.all(lists.map((segments) => fetchInTurn(segments.slice(-MOST_SEGMENTS), watch)));
  return fetched.flat();
}

async function fetchInTurn(segments: readonly MediaSegment[], { client }: DashWatch): Promise<FetchedSegment[]> {
  const found: FetchedSegment[] = [];
  for (let at = 0; at < segments.length; at += AT_ONCE) {
    const some = segments.slice(at, at + AT_ONCE);
    found.push(
      ...(await Promise.all(some.map(async (segment) => ({ segment, answer: await client.get(segment.url) })))),
    );
  }
  return found;
}
