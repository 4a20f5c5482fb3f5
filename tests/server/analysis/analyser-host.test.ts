import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { AnalyserHost, type HostLimits } from "../../../server/analysis/analyser-host.ts";
import type { Finding } from "../../../server/analysis/finding.ts";
import type { FrameParcel } from "../../../server/analysis/frame.ts";
import { eventually } from "../../helpers/eventually.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

/** Loading from the sources takes seconds on a busy machine. */
const LIMITS: HostLimits = { loadMs: 60_000, frameMs: 1_000, memoryMb: 48, queueBytes: 1e9, restartWaitsMs: [1] };

interface Watched extends AsyncDisposable {
  readonly host: AnalyserHost;
  readonly found: readonly Finding[];
  readonly broke: readonly string[];
  feed(count: number, bytes?: number): void;
}

/** Runs a module of this text. */
async function run(text: string, limits: Partial<HostLimits> = {}): Promise<Watched> {
  const folder = await tempFolder();
  const path = join(folder.path, "module.mjs");
  await writeFile(path, text);
  const found: Finding[] = [];
  const broke: string[] = [];
  const listener = {
    found: (findings: readonly Finding[]) => void found.push(...findings),
    broke: (_time: number, reason: string) => void broke.push(reason),
    report: () => {},
  };
  const host = new AnalyserHost("module", { module: path }, listener, { ...LIMITS, ...limits });
  let time = 0;
  return {
    host,
    found,
    broke,
    feed(count, bytes = 224) {
      for (let left = count; left > 0; left--) {
        const parcel: FrameParcel = { kind: "picture", time: time++ / 5, shape: [16, 9], bytes: new Uint8Array(bytes) };
        host.offer(parcel);
      }
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("a module gets every frame with its planes, and what it finds comes back", async () => {
  await using on = await run(`
    let frames = 0;
    export async function analyze({ kind, width, height, planes, time }) {
      frames += 1;
      if (frames === 3) return [{ type: "third", shape: "point", time, data: { kind, width, height, y: planes.y.length, u: planes.u.length, v: planes.v.length } }];
    }
  `);
  expect(await on.host.wants).toEqual(["picture"]);
  on.feed(5);
  await on.host.finish();
  const data = { kind: "picture", width: 16, height: 9, y: 144, u: 40, v: 40 };
  expect(on.found).toEqual([{ type: "third", shape: "point", time: 0.4, data }]);
  expect(on.host.counts).toEqual({ frames: 5, dropped: 0 });
  expect(on.host.state).toEqual({ name: "module", state: "running", restarts: 0, failure: null });
});

const bad: readonly [what: string, text: string, reason: RegExp][] = [
  ["throws", `export function analyze() { throw new Error("no idea"); }`, /it failed: .*no idea/],
  ["hangs", "export function analyze() { for (;;); }", /did not answer within 1 s/],
  ["never answers", "export function analyze() { return new Promise(() => {}); }", /did not answer within 1 s/],
  [
    "leaks its heap",
    "const kept = []; export function analyze() { for (let i = 0; i < 2e5; i++) kept.push({ i }); }",
    /memory/i,
  ],
  [
    "leaks what is outside its heap",
    "const kept = []; export function analyze(frame) { kept.push(frame, new Uint8Array(2e7).fill(1)); }",
    /holds more than 48 MiB/,
  ],
  ["ends its process", "export function analyze() { process.exit(1); }", /ended by itself/],
  [
    "finds what is no event",
    `export function analyze() { return [{ type: "NOT A TYPE", shape: "point" }]; }`,
    /no event/,
  ],
  ["cannot be loaded", `import "./not-there.mjs";`, /not-there/],
  ["exports nothing", "export const name = 1;", /no function called analyze/],
];

for (const [what, text, reason] of bad) {
  test(`a module that ${what} is stopped, started again and given up`, async () => {
    await using on = await run(text);
    const feeding = setInterval(() => on.feed(1), 20);
    try {
      await on.host.ended;
    } finally {
      clearInterval(feeding);
    }
    expect(on.broke).toHaveLength(2);
    for (const words of on.broke) expect(words).toMatch(reason);
    expect(on.host.state).toMatchObject({ state: "given up", restarts: 1 });
  });
}

test("after a failure it goes on with newer frames", async () => {
  await using on = await run(`
    let frames = 0;
    export function analyze({ time }) {
      if (time === 1) throw new Error("once");
      return [{ type: "seen", shape: "point", time }];
    }
  `);
  await on.host.wants;
  on.feed(6);
  await eventually("it failed", () => on.broke.length === 1);
  await eventually("it sees again", () => {
    on.feed(1);
    return on.found.some(({ time = 0 }) => time > 1);
  });
  expect(on.host.state).toMatchObject({ state: "running", restarts: 1 });
});

test("a host can be disposed at any time, also while its module hangs", async () => {
  const on = await run("export function analyze() { for (;;); }", { frameMs: 60_000 });
  await on.host.wants;
  on.feed(1);
  await on[Symbol.asyncDispose]();
});
