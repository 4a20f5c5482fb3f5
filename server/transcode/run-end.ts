import { LiveError, messageOf } from "../core/errors.ts";

/** How one run of FFmpeg came to its end. */
export type RunEnd = "finished" | "keys too far apart" | "false keys" | "behind" | "too slow" | FailedRun;

/** A run that ended before there was an end. */
export interface FailedRun {
  readonly failed: unknown;
  /** The archive could not be read where the run was. */
  readonly isUnreadable?: boolean;
}

/**
 * Whether the next run leaves out what has been missed. A disk that fails in one place need not fail in the next one,
 * and the newest bytes are in memory.
 */
export function isSkip(end: RunEnd): boolean {
  return end === "behind" || (typeof end === "object" && end.isUnreadable === true);
}

/** The end of a run whose archive could not be read. */
export function unreadable(reason: unknown): RunEnd {
  const why = `the archive could not be read: ${messageOf(reason)}`;
  return { failed: new LiveError("encoder_failed", why, { cause: reason }), isUnreadable: true };
}
