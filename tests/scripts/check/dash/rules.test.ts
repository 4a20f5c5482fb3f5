import { beforeAll, describe, expect, test } from "@jest/globals";
import { Client } from "../../../../scripts/check/client.ts";
import { dashChecker } from "../../../../scripts/check/dash/checker.ts";
import { judge, type Row } from "../../../../scripts/check/rule.ts";
import { DASH_BREAKS, type DashBreak } from "../../../helpers/dash-breaks.ts";
import { type DashFaults, dashStandIn } from "../../../helpers/dash-stand-in.ts";
import { inTurns } from "../../../helpers/in-turns.ts";

/** A busy machine must not make a good server look bad, nor hide what a bad one does by much. */
const SLACK_MS = { good: 1_000, bad: 150 };
const SECONDS = 3;

/** What the rules (all, or one of them) say of a stand-in. */
async function verdicts(faults: DashFaults, only = ""): Promise<Row[]> {
  await using server = await dashStandIn(faults);
  using client = new Client();
  const options = {
    url: `${server.url}/manifest.mpd`,
    seconds: SECONDS,
    slackMs: only === "" ? SLACK_MS.good : SLACK_MS.bad,
    json: false,
  };
  const context = await dashChecker.observe(options, client);
  const rules = dashChecker.rules.filter(({ id }) => only === "" || id === only);
  return await judge(rules, context);
}

const idsOf = (rows: readonly Row[], verdict: boolean | undefined) => rows.filter(({ ok }) => ok === verdict);

test("a server that keeps the rules and lets players reckon fails none of them", async () => {
  const rows = await verdicts({});
  expect(idsOf(rows, false)).toEqual([]);
  const unjudged = idsOf(rows, undefined).map(({ id }) => id);
  expect(unjudged).toEqual(["static-attributes", "timeline-stays", "publish-time-rises", "edge-in-time"]);
});

test("a server that keeps the rules and lists its segments fails none of them", async () => {
  const rows = await verdicts({ timeline: true });
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
      const [row] = await verdicts(one.faults, one.rule);
      found.set(one, row);
    });
  }, 180_000);

  test.each(DASH_BREAKS.map((one) => ({ ...one, one })))("$rule is found out", ({ one, rule, seen }) => {
    expect(found.get(one)).toMatchObject({ id: rule, ok: false, seen: expect.stringMatching(seen) });
  });
});
