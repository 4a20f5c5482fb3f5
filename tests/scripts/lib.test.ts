import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const library = fileURLToPath(new URL("../../scripts/lib.sh", import.meta.url));
const bash = execFileSync("/bin/sh", ["-c", "command -v bash"], { encoding: "utf8" }).trim();
const NEEDED = ["bash", "cat", "env", "head", "id", "mktemp", "rm", "sed"];

let folder: string;
let tools: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-lib-"));
  tools = join(folder, "bin");
  mkdirSync(tools);
  for (const name of NEEDED) {
    symlinkSync(execFileSync(bash, ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(), join(tools, name));
  }
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["20.19.0", "20.19.0", true],
  ["20.18.9", "20.19.0", false],
  ["21", "20.19.0", true],
  ["22.08.1", "20.19.0", true],
  ["4.4.2", "5.1", false],
  ["5.1.9", "5.1", true],
  ["7.1", "5.1", true],
])("version %s is at least %s: %s", (version, oldest, expected) => {
  expect(run(`at_least ${version} ${oldest}`).status === 0).toBe(expected);
});

test.each([
  ["ffmpeg version 5.1.9-0+deb12u1 Copyright", true],
  ["ffmpeg version n7.1 Copyright", true],
  ["ffmpeg version N-118000-gabcdef Copyright", true],
  ["ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright", false],
  ["something else", false],
])("FFmpeg that says %s is new enough: %s", (says, expected) => {
  tool("ffmpeg", `echo "${says}"`);
  expect(run("ffmpeg_is_new ffmpeg").status === 0).toBe(expected);
});

test("without Node one line says what to install", () => {
  expect(run("need_node")).toMatchObject({
    status: 1,
    stderr: "Node.js 20.19.0 or newer is needed: https://nodejs.org/en/download\n",
  });
});

test("an old Node is refused by name", () => {
  tool("node", "echo v18.20.0");
  tool("npm", "exit 0");
  expect(run("need_node").stderr).toContain("this is v18.20.0");
});

test("a missing FFmpeg is installed with apt-get where that is possible", () => {
  tool("id", "echo 0");
  tool(
    "apt-get",
    `echo "$@" >>"${folder}/log"; printf '#!/bin/sh\\necho ffmpeg version 6.0' >"${tools}/ffmpeg"
    cp=$(cat "${tools}/ffmpeg"); printf '%s' "$cp" >"${tools}/ffprobe"; ${chmod("ffmpeg")}; ${chmod("ffprobe")}`,
  );
  const { status, stdout } = run("need_ffmpeg_on_path");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "Installing ffmpeg with apt-get\n" });
});

test("without root, sudo and brew one line says what to install", () => {
  tool("id", "echo 1000");
  tool("apt-get", "exit 1");
  expect(run("need_ffmpeg_on_path")).toMatchObject({
    status: 1,
    stderr:
      "FFmpeg 5.1 or newer is needed on the PATH: sudo apt-get install ffmpeg, or https://ffmpeg.org/download.html\n",
  });
});

test("where no package manager is known, the line has an address", () => {
  expect(run("OSTYPE=linux-gnu; need_ffmpeg_on_path").stderr).toBe(
    "FFmpeg 5.1 or newer is needed on the PATH: https://ffmpeg.org/download.html\n",
  );
});

test("MILLRACE_FFMPEG is used, or refused by name", () => {
  const own = tool("own-ffmpeg", 'echo "ffmpeg version 7.1"');
  expect(run("need_ffmpeg", { MILLRACE_FFMPEG: own }).status).toBe(0);
  expect(run("need_ffmpeg", { MILLRACE_FFMPEG: "/nowhere" }).stderr).toContain("MILLRACE_FFMPEG=/nowhere is no FFmpeg");
});

test("quietly shows what a command printed only if it fails", () => {
  expect(run("quietly echo fine")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(run("quietly bash --norc -c 'echo broken; exit 3'")).toMatchObject({ status: 3, stderr: "broken\n" });
});

function run(command: string, environment: Record<string, string> = {}) {
  const script = `. "${library}"; ${command}`;
  return spawnSync(bash, ["--norc", "-c", script], {
    cwd: folder,
    env: { PATH: tools, ...environment },
    encoding: "utf8",
  });
}

/** Puts a program of ours on the PATH of {@link run}. */
function tool(name: string, script: string): string {
  const path = join(tools, name);
  rmSync(path, { force: true });
  writeFileSync(path, `#!${bash}\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function chmod(name: string): string {
  return `"${process.execPath}" -e 'require("fs").chmodSync("${tools}/${name}", 0o755)'`;
}
