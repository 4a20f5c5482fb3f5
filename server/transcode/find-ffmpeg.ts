import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const run = promisify(execFile);
const OLDEST = { major: 5, minor: 1 };
const HOW_TO_GET_IT =
  "install it (Debian: apt-get install ffmpeg, macOS: brew install ffmpeg) or name one with MILLRACE_FFMPEG";

/** Path and version of the FFmpeg that will be used. */
export interface FoundFfmpeg {
  readonly binary: string;
  readonly version: string;
}

/**
 * Finds FFmpeg: the one that is named, else the binary of ffmpeg-static if it was downloaded, else the one on the PATH.
 * Rejects with one clear line when there is none or it is older than 5.1.
 */
export async function findFfmpeg(named: string | undefined): Promise<FoundFfmpeg> {
  const binary = named ?? bundled() ?? "ffmpeg";
  const { stdout } = await run(binary, ["-hide_banner", "-version"]).catch((error: unknown) => {
    throw new Error(`FFmpeg cannot be started as ${binary}: ${HOW_TO_GET_IT}`, { cause: error });
  });
  const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${binary} is not FFmpeg: ${HOW_TO_GET_IT}`);
  if (isTooOld(version)) throw new Error(`FFmpeg ${version} is older than 5.1: ${HOW_TO_GET_IT}`);
  return { binary, version };
}

/** Builds from a development tree have no number (N-12345-g…): they are taken for new. */
function isTooOld(version: string): boolean {
  const match = /^n?(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
}

/** ffmpeg-static is optional: its package or its binary may be missing. */
function bundled(): string | undefined {
  try {
    const path: unknown = createRequire(import.meta.url)("ffmpeg-static");
    return typeof path === "string" && existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
