import { beforeAll, describe, expect, test } from "@jest/globals";
import { dashChecker } from "../../../../scripts/check/dash/checker.ts";
import type { Row } from "../../../../scripts/check/rule.ts";
import { DASH_BREAKS, type DashBreak } from "../../../helpers/dash-breaks.ts";
import { type DashFaults, dashStandIn } from "../../../helpers/dash-stand-in.ts";
import { inTurns } from "../../../helpers/in-turns.ts";
import { findOut, verdicts } from "../../../helpers/verdicts.ts";

/** What all rules say of a stand-in; a busy machine must not make a good server look bad. */
async function sound(faults: DashFaults): Promise<Row[]> {
  await using server = await dashStandIn(faults);
  return await verdicts(dashChecker, `${server.url}/manifest.mpd`, { seconds: 3, slackMs: 2_000 });
}

const idsOf = (rows: readonly Row[], verdict: boolean | undefined) => rows.filter(({ ok }) => ok === verdict);

test("a server that keeps the rules and lets players reckon fails none of them", async () => {
  const rows = await sound({});
  expect(idsOf(rows, false)).toEqual([]);
  const unjudged = idsOf(rows, undefined).map(({ id }) => id);
  expect(unjudged).toEqual(["static-attributes", "timeline-stays", "publish-time-rises", "edge-in-time"]);
});

test("a server that keeps the rules and lists its segments fails none of them", async () => {
  const rows = await sound({ timeline: true });
  expect(idsOf(rows, false)).toEqual([]);
  expect(idsOf(rows, undefined).map(({ id }) => id)).toEqual(["static-attributes"]);
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
