import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { type Checker, runCommand } from "../../scripts/check/command-line.ts";
import { dashChecker } from "../../scripts/check/dash/checker.ts";
import { hlsChecker } from "../../scripts/check/hls/checker.ts";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { type Millrace, startMillrace } from "../helpers/millrace.ts";
import { type ReadPlaylist, readHls } from "../helpers/playlists.ts";
import { SocketPublisher } from "../helpers/publish.ts";

/** Delta updates skip what is older than six target durations, of 2 s each. */
const SKIPPABLE_SECONDS = 14;
const OBSERVED_SECONDS = 10;
const CLIP_SECONDS = 75;
/** What a busy machine may add to a time. What the rules say of times is proved on their own servers. */
const SLACK_MS = 1_500;

const report = z.object({
  rows: z.array(z.object({ id: z.string(), level: z.string(), ok: z.boolean().optional(), seen: z.string() })),
});

/** Runs a check as its command does, and returns its rows. */
async function check<Context>(checker: Checker<Context>, url: string, seconds: number) {
  const out: string[] = [];
  const errors: string[] = [];
  const args = [url, "--seconds", String(seconds), "--slack", String(SLACK_MS), "--json"];
  await runCommand(checker, args, { print: (line) => out.push(line), complain: (line) => errors.push(line) });
  expect(errors).toEqual([]);
  return report.parse(JSON.parse(out.join(""))).rows;
}

type Rows = Awaited<ReturnType<typeof check>>;
const failed = (rows: Rows) => rows.filter(({ ok }) => ok === false);
const unjudged = (rows: Rows) => rows.filter(({ ok }) => ok === undefined).map(({ id }) => id);

let millrace: Millrace;
beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_LADDER: "ORIGINAL,320x180-15~300",
    MILLRACE_SEGMENT_SECONDS: "1",
    // Short, so that segments leave it while somebody watches.
    MILLRACE_WINDOW_SECONDS: "15",
    MILLRACE_RECORD: "off",
  });
});
afterAll(async () => {
  await millrace[Symbol.asyncDispose]();
});

describe.each(["H.264 and Opus in Matroska", "VP8 and Opus in WebM"] as const)("%s, on two rungs", (name) => {
  const channel = name.replaceAll(/\W+/g, "-");
  let publisher: SocketPublisher;
  let sending: Promise<void>;

  beforeAll(async () => {
    const clip = clips[name](CLIP_SECONDS);
    publisher = await SocketPublisher.connect(millrace.url, channel);
    sending = publisher.send(clip, { pieceBytes: 2048, bytesPerSecond: clip.byteLength / CLIP_SECONDS });
    const master = `${millrace.url}/live/${channel}/master.m3u8`;
    await until({ what: "until a delta update has something to skip", limitMs: 40_000 }, async () => {
      const playlists = await readHls(master).catch(() => new Map<string, ReadPlaylist>());
      const listed = [...playlists.values()].map(({ segments }) => segments.at(-1)?.start ?? 0);
      return listed.length > 0 && Math.min(...listed) > SKIPPABLE_SECONDS - 1 ? true : undefined;
    });
  }, 60_000);
  afterAll(async () => {
    await publisher.end();
    await sending;
  });

  test("keeps every rule of low-latency HLS that can be judged, live", async () => {
    const rows = await check(hlsChecker, `${millrace.url}/live/${channel}/master.m3u8`, OBSERVED_SECONDS);
    expect(failed(rows)).toEqual([]);
    // Nothing is lost or changes here, there are no date ranges, and HTTP/2 wants TLS.
    const never = ["gaps-marked", "map-change", "http2", "directives-after-the-end", "date-ranges-alike"];
    expect(unjudged(rows).toSorted()).toEqual(never.toSorted());
  }, 60_000);

  test("keeps every rule of low-latency DASH that can be judged, live", async () => {
    const rows = await check(dashChecker, `${millrace.url}/live/${channel}/manifest.mpd`, OBSERVED_SECONDS);
    expect(failed(rows)).toEqual([]);
    // Its segments are told by number here, and it is live.
    expect(unjudged(rows).toSorted()).toEqual(["edge-in-time", "static-attributes", "timeline-stays"]);
  }, 60_000);

  test("keeps those that hold after the end", async () => {
    await publisher.end();
    const url = `${millrace.url}/live/${channel}/master.m3u8`;
    const isOver = async () =>
      (await check(hlsChecker, url, 1)).some(({ id, ok }) => id === "directives-after-the-end" && ok !== undefined)
        ? true
        : undefined;
    await until({ what: "for the end", limitMs: 15_000 }, isOver);
    const rows = await check(hlsChecker, url, 1);
    const manifest = await check(dashChecker, `${millrace.url}/live/${channel}/manifest.mpd`, 1);
    expect(failed([...rows, ...manifest])).toEqual([]);
    expect(rows.find(({ id }) => id === "directives-after-the-end")?.ok).toBe(true);
    expect(manifest.find(({ id }) => id === "static-attributes")?.ok).toBe(true);
  }, 60_000);
});
