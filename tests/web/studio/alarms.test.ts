import { describe, expect, test } from "@jest/globals";
import type { LiveBroadcast } from "../../../server/protocol/api.ts";
import type { ServerSetup } from "../../../server/protocol/server.ts";
import type { BroadcastStats, ServerStats } from "../../../server/protocol/stats.ts";
import { broadcastAlarms, hookAlarms, serverAlarms, worstFirst } from "../../../web/studio/alarms.ts";
import { audienceOf, broadcastOf, serverOf, setup, statsOf } from "../../helpers/studio.ts";

const STARTED_MS = Date.parse("2026-01-02T03:00:00.000Z");
const NOW_MS = STARTED_MS + 60_000;

interface Trouble {
  readonly broadcast?: Partial<LiveBroadcast>;
  readonly stats?: Partial<BroadcastStats>;
  readonly recentStalls?: number;
  readonly nowMs?: number;
}

function alarmsOf({ broadcast, stats, recentStalls = 0, nowMs = NOW_MS }: Trouble) {
  const facts = { broadcast: broadcastOf(broadcast), stats: statsOf(stats), recentStalls };
  return broadcastAlarms(facts, setup, nowMs).map(({ level, text }) => `${level}: ${text}`);
}

describe("a broadcast raises", () => {
  test("no alarm when all is well", () => {
    expect(alarmsOf({})).toEqual([]);
  });

  const ingest = statsOf().ingest;
  const encoder = statsOf().encoder;
  const cases: readonly (readonly [what: string, trouble: Trouble, words: RegExp])[] = [
    ["an encoder that was given up", { broadcast: { failure: "six failures" } }, /^failure: Nobody.*six failures$/],
    [
      "a publisher that is away",
      { broadcast: { state: "interrupted", interruptedSince: "2026-01-02T03:00:48.000Z" } },
      /^failure: .*0:12 ago/,
    ],
    ["a publisher that sends nothing", { stats: { ingest: { ...ingest, kbps: 0 } } }, /^failure: .*sends nothing/],
    ["an encoder behind", { stats: { encoder: { ...encoder, delayMs: 4_200 } } }, /^warning: .*4\.2 s behind/],
    ["key frames too far apart", { stats: { ingest: { ...ingest, keyIntervalSeconds: 8.33 } } }, /^warning: .*8\.3 s/],
    ["many stalls", { recentStalls: 5 }, /^warning: .*5 times/],
  ];
  test.each(cases)("%s", (_what, trouble, words) => {
    const alarms = alarmsOf(trouble);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatch(words);
  });

  test("nothing about figures of its first seconds", () => {
    expect(alarmsOf({ stats: { ingest: { ...ingest, kbps: 0 } }, nowMs: STARTED_MS + 3_000 })).toEqual([]);
  });

  test("no second alarm for silence while its publisher is away", () => {
    const broadcast = { state: "interrupted", interruptedSince: "2026-01-02T03:00:48.000Z" } as const;
    expect(alarmsOf({ broadcast, stats: { ingest: { ...ingest, kbps: 0 } } })).toHaveLength(1);
  });

  test("none for a few stalls among many viewers", () => {
    const audience = audienceOf(200);
    expect(alarmsOf({ stats: { audience }, recentStalls: 20 })).toEqual([]);
    expect(alarmsOf({ stats: { audience }, recentStalls: 100 })).toHaveLength(1);
  });
});

describe("the server raises", () => {
  const of = (server: Partial<ServerStats>, own: Partial<ServerSetup> = {}) =>
    serverAlarms(serverOf(server), { ...setup, ...own }).map(({ level }) => level);

  test("nothing with room and channels to spare", () => {
    expect(of({})).toEqual([]);
  });

  test("a warning before the disk is full, an alarm when it is", () => {
    expect(of({ freeDiskBytes: 1_200_000_000 })).toEqual(["warning"]);
    expect(of({ freeDiskBytes: 400_000_000 })).toEqual(["failure"]);
    expect(of({ freeDiskBytes: 0 }, { minFreeBytes: 0 })).toEqual([]);
  });

  test("a warning when no further channel may be live", () => {
    expect(of({ broadcasts: 50, maxBroadcasts: 50 })).toEqual(["warning"]);
  });
});

test("what does not work stands before what may soon not", () => {
  const of = (key: string, level: "failure" | "warning") => ({ key, level, channel: undefined, text: key });
  const sorted = worstFirst([of("a", "warning"), of("b", "failure"), of("c", "warning"), of("d", "failure")]);
  expect(sorted.map(({ key }) => key).join("")).toBe("bdac");
});

test("a web hook raises a warning only while something waits for it", () => {
  const hook = {
    id: "01a1ffa1-1217-728b-a281-f4a4add7fcbe",
    url: "https://example.org/",
    types: [],
    createdAt: "2026-01-02T03:00:00.000Z",
    deliveredAt: null,
  };
  expect(hookAlarms([{ ...hook, pending: 0, problem: "503" }])).toEqual([]);
  expect(hookAlarms([{ ...hook, pending: 2, problem: null }])).toEqual([]);
  expect(hookAlarms([{ ...hook, pending: 2, problem: "503" }])[0]?.text).toMatch(/example\.org.*503.*2 wait/);
});
