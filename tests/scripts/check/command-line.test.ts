import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { runCommand } from "../../../scripts/check/command-line.ts";
import { dashChecker } from "../../../scripts/check/dash/checker.ts";
import { hlsChecker } from "../../../scripts/check/hls/checker.ts";
import { type Reply, serveReplies } from "../../helpers/answering.ts";
import { dashStandIn } from "../../helpers/dash-stand-in.ts";
import { hlsStandIn } from "../../helpers/hls-stand-in.ts";

/** Runs a check as the command line does. */
async function run(kind: "hls" | "dash", ...args: readonly string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const print = { print: (line: string) => out.push(line), complain: (line: string) => errors.push(line) };
  const code = await (kind === "hls" ? runCommand(hlsChecker, args, print) : runCommand(dashChecker, args, print));
  return { code, out: out.join("\n"), errors };
}

const plain = (body: string, status = 200): Reply => ({ status, headers: { "content-type": "text/plain" }, body });

test.each([
  [[], /^usage: npm run check:hls -- URL/],
  [["a", "b"], /^usage/],
  [["no-address"], /no-address is no http/],
  [["ftp://localhost/a"], /is no http/],
  [["http://localhost/", "--what"], /--what/],
  [["http://localhost/", "--seconds", "soon"], /--seconds wants a number from 1 to 3600, not "soon"/],
  [["http://localhost/", "--seconds", "0"], /--seconds wants/],
  [["http://localhost/", "--slack", "-1"], /--slack/],
])("the arguments %j are refused in one line", async (args, words) => {
  const { code, out, errors } = await run("hls", ...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(errors).toEqual([expect.stringMatching(words)]);
  expect(errors.join()).not.toContain("\n");
});

describe.each(["hls", "dash"] as const)("check:%s", (kind) => {
  test("says in one line that nobody answers", async () => {
    const { code, errors } = await run(kind, "http://127.0.0.1:9/master", "--seconds", "1");
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringMatching(/cannot be reached: .*(ECONNREFUSED|bad port)/)]);
  });

  test.each([
    ["an error", plain("gone", 404), /answers 404/],
    ["a page", plain("<!doctype html><html><body>Hello</body></html>"), /is no (HLS playlist|DASH manifest)/],
    ["nothing", plain(""), /is no (HLS playlist|DASH manifest)/],
    ["bytes", plain("\u0000\u0001\ufffd".repeat(99)), /is no (HLS playlist|DASH manifest)/],
  ])("says in one line that %s is nothing to check", async (_, reply, words) => {
    await using server = await serveReplies(() => reply);
    const { code, errors } = await run(kind, `${server.url}/x`, "--seconds", "1");
    expect(code).toBe(2);
    expect(errors).toEqual([expect.stringMatching(words)]);
  });

  test("judges whatever begins like the right thing, without falling over", async () => {
    const begin = kind === "hls" ? "#EXTM3U\n" : '<MPD type="dynamic" minimumUpdatePeriod="PT1S">';
    const pieces = fc.constantFrom(...(kind === "hls" ? HLS_PIECES : DASH_PIECES));
    const odd = fc
      .array(fc.oneof(pieces, fc.string()), { maxLength: 12 })
      .map((some) => begin + some.join(kind === "hls" ? "\n" : ""));
    await fc.assert(
      fc.asyncProperty(odd, async (body) => {
        await using server = await serveReplies(({ pathname }) => (pathname === "/x" ? plain(body) : plain("no", 404)));
        const { code, out } = await run(kind, `${server.url}/x`, "--seconds", "1", "--json");
        expect([0, 1, 2]).toContain(code);
        expect(out).not.toContain("could not be judged");
      }),
      { numRuns: 4, interruptAfterTimeLimit: 60_000 },
    );
  });
});

const HLS_PIECES = [
  ...[
    "#EXT-X-TARGETDURATION:1",
    "#EXT-X-TARGETDURATION:",
    "#EXTINF:1,",
    "#EXTINF:x",
    "a.m4s",
    "http://[",
    "#EXT-X-PART:",
  ],
  ...['#EXT-X-PART:DURATION=1,URI="p"', "#EXT-X-PART-INF:PART-TARGET=0", "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES"],
  ...[
    "#EXT-X-PRELOAD-HINT:TYPE=PART",
    "#EXT-X-SKIP:",
    "#EXT-X-ENDLIST",
    "#EXT-X-PROGRAM-DATE-TIME:never",
    '#EXT-X-MAP:URI="',
  ],
  ...['#EXT-X-RENDITION-REPORT:URI="x"', "#EXT-X-STREAM-INF:", '#EXT-X-MEDIA:TYPE=AUDIO,URI="x"', "#EXT-X-BYTERANGE:@"],
];
const DASH_PIECES = [
  ...[
    '<Period start="x">',
    "<Period>",
    "</Period>",
    "<AdaptationSet>",
    '<Representation id="a" bandwidth="1">',
    "</MPD>",
  ],
  ...[
    '<SegmentTemplate timescale="0" media="$Number%09999d$" duration="1">',
    '<SegmentTimeline><S d="1" r="999999999"/>',
  ],
  ...[
    '<UTCTiming value="http://["/>',
    "<BaseURL>http://[</BaseURL>",
    "&amp;",
    "&nothing;",
    "<!DOCTYPE a [",
    '<S d="0"/>',
  ],
];

test("a good server: a table with its count, exit code 0", async () => {
  await using server = await hlsStandIn({ ended: true });
  const { code, out, errors } = await run("hls", `${server.url}/master.m3u8`, "--seconds", "1", "--slack", "500");
  expect({ code, errors }).toEqual({ code: 0, errors: [] });
  const lines = out.split("\n");
  expect(lines[0]).toMatch(/^result {2}level {3}rule .* section .* what the rule says .* what was seen$/);
  expect(lines[1]).toMatch(/^pass {4}MUST {4}playlists-answer /);
  expect(lines.at(-1)).toMatch(/^\d+ passed, 0 MUST failed, 0 SHOULD failed, \d+ not judged$/);
  const columns = lines.slice(0, -2).map((line) => line.search(/MUST|SHOULD|level/));
  expect(new Set(columns).size).toBe(1);
});

test("a server that breaks a rule: exit code 1, and the row says FAIL", async () => {
  await using server = await dashStandIn({ manifest: (body) => body.replace(/<UTCTiming.*\/>\n/, "") });
  const { code, out } = await run("dash", `${server.url}/manifest.mpd`, "--seconds", "1", "--slack", "500");
  expect(code).toBe(1);
  expect(out).toMatch(/^FAIL {4}MUST {4}utc-timing .* no UTCTiming$/m);
});

test("--json prints one line with everything in it", async () => {
  await using server = await dashStandIn();
  const { out } = await run("dash", `${server.url}/manifest.mpd`, "--seconds", "1", "--json");
  expect(out).not.toContain("\n");
  expect(JSON.parse(out)).toMatchObject({
    check: "check:dash",
    url: `${server.url}/manifest.mpd`,
    seconds: 1,
    failedMust: expect.any(Number),
    rows: expect.arrayContaining([
      expect.objectContaining({ id: "utc-timing", level: "MUST", section: "5.8.4.11", ok: true }),
    ]),
  });
});

test.each(["hls", "dash"])("the %s check is a command, and ends with its exit code", async (kind) => {
  const script = `scripts/check/${kind}.ts`;
  const child = spawn(process.execPath, ["--import", "tsx", script, "http://127.0.0.1:9/x"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors] = [text(child.stdout), text(child.stderr)];
  const [code] = await once(child, "exit");
  expect({ code, out: await out }).toEqual({ code: 2, out: "" });
  expect(await errors).toMatch(/^http:\/\/127.0.0.1:9\/x cannot be reached: .*\n$/);
});
