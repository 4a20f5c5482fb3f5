import { execFile } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { codeOf } from "./errors.ts";

const run = promisify(execFile);

/** What to do about too few, in words. */
export const OUT_OF_FILES =
  "too many files are open: allow this process more of them (ulimit -n; LimitNOFILE= in a systemd unit)";

/** How many files this process may have open at once, connections among them; undefined when there is no telling. */
export async function openFileLimit(): Promise<number | undefined> {
  // A child has the limit of its parent, which Node tells nobody on all systems.
  const { stdout } = await run("sh", ["-c", "ulimit -n"]).catch(() => ({ stdout: "" }));
  const limit = Number(stdout.trim());
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

/** Whether something failed since this process, or the whole machine, has as many files open as it may. */
export function isOutOfFiles(error: unknown): boolean {
  const code = codeOf(error);
  if (code === "EMFILE" || code === "ENFILE") return true;
  return typeof error === "object" && error !== null && "cause" in error && isOutOfFiles(error.cause);
}

/** Rejects with the system's error when fewer than `count` further files can be opened now. */
export async function spareFiles(count: number): Promise<void> {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync("/dev/null", "r"));
  } finally {
    for (const file of opened) closeSync(file);
  }
}
