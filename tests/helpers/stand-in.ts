import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TempFolder } from "./temp-folder.ts";

/** Writes a shell script that stands for an FFmpeg which misbehaves on demand; returns its path. */
export async function standIn(folder: TempFolder, name: string, ...lines: readonly string[]): Promise<string> {
  return write(folder, name, "/bin/sh", lines);
}

/** The same as a script of this Node.js, in CommonJS. */
export async function standInScript(folder: TempFolder, name: string, ...lines: readonly string[]): Promise<string> {
  return write(folder, name, process.execPath, lines);
}

async function write(folder: TempFolder, name: string, program: string, lines: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, `${[`#!${program}`, ...lines].join("\n")}\n`, { mode: 0o755 });
  return path;
}
