import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TempFolder } from "./temp-folder.ts";

/** Writes a shell script that stands for an FFmpeg which misbehaves on demand; returns its path. */
export async function standIn(folder: TempFolder, name: string, ...lines: readonly string[]): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, `${["#!/bin/sh", ...lines].join("\n")}\n`, { mode: 0o755 });
  return path;
}
