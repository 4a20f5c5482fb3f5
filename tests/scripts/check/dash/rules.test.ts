import { beforeAll, describe, expect, test } from "@jest/globals";
import { dashChecker } from "../../../../scripts/check/dash/checker.ts";
import type { Row } from "../../../../scripts/check/rule.ts";
import { DASH_BREAKS, type DashBreak } from "../../../helpers/dash-breaks.ts";
import { type DashFaults, dashStandIn } from "../../../helpers/dash-stand-in.ts";
import { inTurns } from "../../../helpers/in-turns.ts";
import { findOut, verdicts } from "../../../helpers/verdicts.ts";

/** On a busy machine a segment may be over before it is asked for. */
const MOST_LOOKS = 6;

const idsOf = (rows: readonly Row[], verdict: boolean | undefined) =>
  rows.filter(({ ok }) => ok === verdict).map(({ id }) => id);

/**
 * What fails and what cannot be judged of a good stand-in. A busy machine must not make it look bad; and it is looked at
 * again while more than `unjudged` cannot be judged, since there was too little to see.
 */
async function sound(faults: DashFaults, unjudged: readonly string[]) {
  for (let looks = 1; ; looks++) {
    await using server = await dashStandIn(faults);
    const rows = await verdicts(dashChecker, `${server.url}/manifest.mpd`, { seconds: 3, slackMs: 2_000 });
    const found = { failed: idsOf(rows, false), unjudged: idsOf(rows, undefined) };
    if (found.failed.length > 0 || found.unjudged.length <= unjudged.length || looks === MOST_LOOKS) return found;
  }
}

test("a server that keeps the rules and lets players reckon fails none of them", async () => {
  const unjudged = ["static-attributes", "timeline-stays", "publish-time-rises", "edge-in-time"];
  expect(await sound({}, unjudged)).toEqual({ failed: [], unjudged });
});

test("a server that keeps the rules and lists its segments fails none of them", async () => {
  const unjudged = ["static-attributes"];
  expect(await sound({ timeline: true }, unjudged)).toEqual({ failed: [], unjudged });
});

test("every rule is broken by some server here", () => {
  const broken = new Set(DASH_BREAKS.map(({ rule }) => rule));
  expect(dashChecker.rules.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});

describe("a server that breaks", () => {
  const found = new Map<DashBreak, Row | undefined>();
  beforeAll(async () => {
    await inTurns(DASH_BREAKS, 10, async (one) => {
      found.set(one, await findOut(dashChecker, one.rule, () => dashStandIn(one.faults), "/manifest.mpd"));
    });
  });

  test.each(DASH_BREAKS.map((one) => ({ ...one, one })))("$rule is found out", ({ one, rule, seen }) => {
    expect(found.get(one)).toMatchObject({ id: rule, ok: false, seen: expect.stringMatching(seen) });
  });
});
