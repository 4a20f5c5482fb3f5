import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TempFolder } from "./temp-folder.ts";

/** Writes a shell script that stands for an FFmpeg which misbehaves on demand; returns its path. */
export async function standIn(folder: TempFolder, name: string, ...lines: readonly string[]): Promise<string> {
  return write(folder, name, "/bin/sh", lines);
}

/** The same as a script of this Node.js, in CommonJS. */
async function standInScript(folder: TempFolder, name: string, ...lines: readonly string[]): Promise<string> {
  return write(folder, name, process.execPath, lines);
}

async function write(folder: TempFolder, name: string, program: string, lines: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, `${[`#!${program}`, ...lines].join("\n")}\n`, { mode: 0o755 });
  return path;
}

/**
 * A real FFmpeg that gets its input only so fast while it has more pictures to encode than it may have, once the file
 * `since` is there.
 */
export async function slowFfmpeg(
  folder: TempFolder,
  { bytesPerSecond, pictures, since }: { readonly bytesPerSecond: number; readonly pictures: number; since: string },
): Promise<string> {
  const piece = Math.round(bytesPerSecond / 10);
  return standInScript(
    folder,
    "slow-ffmpeg",
    'const { spawn } = require("node:child_process");',
    'const { existsSync } = require("node:fs");',
    "const args = process.argv.slice(2);",
    'const child = spawn("ffmpeg", args, { stdio: ["pipe", "inherit", "inherit"] });',
    'child.on("exit", (code) => process.exit(code ?? 1));',
    'process.on("SIGTERM", () => child.kill("SIGTERM"));',
    'child.stdin.on("error", () => {});',
    `const isMuch = args.filter((arg) => arg === "libx264").length > ${pictures};`,
    `const isSlow = () => isMuch && existsSync(${JSON.stringify(since)});`,
    "const pause = () => new Promise((resolve) => setTimeout(resolve, isSlow() ? 100 : 0));",
    "(async () => {",
    "  for await (const bytes of process.stdin) {",
    `    for (let at = 0; at < bytes.length; at += ${piece}) {`,
    `      child.stdin.write(bytes.subarray(at, at + ${piece}));`,
    "      await pause();",
    "    }",
    "  }",
    "  child.stdin.end();",
    "})();",
  );
}
