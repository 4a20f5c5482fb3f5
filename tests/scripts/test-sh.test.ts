import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventually } from "../helpers/eventually.ts";

const scripts = fileURLToPath(new URL("../../scripts/", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-sh-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a program into a repository that holds nothing but the script and the tools that it uses. */
function tool(path: string, script: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Runs it up to jest, which hangs and says who it is. */
function startTests(): { run: ChildProcess; said: () => string } {
  mkdirSync(join(folder, "scripts"));
  for (const name of ["lib.sh", "test.sh"]) copyFileSync(join(scripts, name), join(folder, "scripts", name));
  writeFileSync(join(folder, "package-lock.json"), "{}");
  tool("bin/node", 'case $1 in --version) echo v24.0.0;; -e) echo 1;; *) echo "jest is $$" >&2; exec sleep 600;; esac');
  tool("bin/npm", "");
  for (const name of ["ffmpeg", "ffprobe"]) tool(`bin/${name}`, "echo ffmpeg version 7.1");
  for (const name of ["biome", "tsc"]) tool(`node_modules/.bin/${name}`, "");
  tool("node_modules/.bin/tsx", "echo true");
  const run = spawn("bash", [join(folder, "scripts/test.sh")], {
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  run.stdout.on("data", (data) => (text += data));
  run.stderr.on("data", (data) => (text += data));
  return { run, said: () => text };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s while tests run: the last line has the counts, and no test is left", async (signal, code) => {
  const { run, said } = startTests();
  await eventually("jest runs", () => /jest is \d+/.test(said()));
  run.kill(signal);
  expect(await once(run, "close")).toEqual([code, null]);
  expect(said().trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed");
  const jest = Number(/jest is (\d+)/.exec(said())?.[1]);
  await eventually("jest is gone", () => !isThere(jest));
});

function isThere(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
