import { beforeAll, describe, expect, test } from "@jest/globals";
import { hlsChecker } from "../../../../scripts/check/hls/checker.ts";
import type { Row } from "../../../../scripts/check/rule.ts";
import type { HlsBreak } from "../../../helpers/hls-break.ts";
import { HLS_BREAKS } from "../../../helpers/hls-breaks.ts";
import { type HlsFaults, hlsStandIn } from "../../../helpers/hls-stand-in.ts";
import { inTurns } from "../../../helpers/in-turns.ts";
import { findOut, verdicts } from "../../../helpers/verdicts.ts";

/** What all rules say of a stand-in; a busy machine must not make a good server look bad. */
async function sound(faults: HlsFaults): Promise<Row[]> {
  await using server = await hlsStandIn(faults);
  return await verdicts(hlsChecker, `${server.url}/master.m3u8`, { seconds: 3, slackMs: 2_000 });
}

test("a server that keeps the rules fails none of them, and next to all can be judged", async () => {
  const rows = await sound({});
  expect(rows.filter(({ ok }) => ok === false)).toEqual([]);
  const unjudged = rows.filter(({ ok }) => ok === undefined).map(({ id }) => id);
  expect(unjudged.toSorted()).toEqual([
    "date-ranges-alike",
    "directives-after-the-end",
    "gaps-marked",
    "http2",
    "map-change",
  ]);
});

test("a stream that has ended is judged by what holds for it", async () => {
  const rows = await sound({ ended: true });
  expect(rows.filter(({ ok }) => ok === false)).toEqual([]);
  expect(rows.find(({ id }) => id === "directives-after-the-end")?.ok).toBe(true);
});

test("every rule is broken by some server here", () => {
  const broken = new Set(HLS_BREAKS.map(({ rule }) => rule));
  // Its test has a server of its own, with TLS.
  expect(hlsChecker.rules.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual(["http2"]);
});

describe("a server that breaks", () => {
  const found = new Map<HlsBreak, Row | undefined>();
  beforeAll(async () => {
    await inTurns(HLS_BREAKS, 10, async (one) => {
      found.set(one, await findOut(hlsChecker, one.rule, () => hlsStandIn(one.faults), "/master.m3u8"));
    });
  });

  test.each(HLS_BREAKS.map((one) => ({ ...one, one })))("$rule is found out", ({ one, rule, seen }) => {
    expect(found.get(one)).toMatchObject({ id: rule, ok: false, seen: expect.stringMatching(seen) });
  });
});
