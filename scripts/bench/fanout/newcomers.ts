import { setTimeout as sleep } from "node:timers/promises";
import { type Row, round } from "../report.ts";
import type { ServerOptions } from "./talk.ts";
import { type Side, Trial } from "./trial.ts";

/** Who is there, and who comes. */
export interface Rush {
  readonly there: number;
  readonly coming: number;
  readonly perSecond: number;
}

/** The old ones are watched for so long before the rush, and after the last has come. */
const CALM_SECONDS = 3;
const AFTER_SECONDS = 5;
const SETTLE_MS = 1_500;

/** What happens to those who are there when more come than can be served. */
export async function newcomers(
  side: Side,
  { there, coming, perSecond }: Rush,
  { options, seconds }: { readonly options: ServerOptions; readonly seconds: number },
): Promise<Row> {
  const calmMs = Math.min(CALM_SECONDS, seconds) * 1000;
  const afterMs = Math.min(AFTER_SECONDS, seconds) * 1000;
  await using trial = await Trial.start(side, { ...options, refuses: true });
  await trial.join("there", there);
  await sleep(SETTLE_MS);
  await trial.begin();
  await sleep(calmMs);
  const calm = await trial.report("there");
  await trial.begin();
  // A server that is past its limit does not get to everybody.
  await trial.join("newcomers", coming, { perSecond, patienceMs: afterMs });
  await sleep(afterMs);
  const late = await trial.report("there");
  const came = await trial.report("newcomers");
  const reasons = Object.keys(came.refused);
  const refused = Object.values(came.refused).reduce((sum, count) => sum + count, 0);
  return {
    who: `${side.who}, ${coming} come to ${there}`,
    "p99 of the old ones before, ms": round(calm.lateness?.p99 ?? Number.NaN, 1),
    "and during and after, ms": round(late.lateness?.p99 ?? Number.NaN, 1),
    "newcomers that play": came.served,
    "are refused": refused,
    "hear nothing": coming - came.served - refused,
    reason: reasons.join("; "),
  };
}
