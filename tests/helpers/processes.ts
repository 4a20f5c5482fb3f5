import { descendantsOf } from "../../scripts/example/processes.ts";

/** Ids of the FFmpegs that run below a process: this one, unless another is named. */
export function ffmpegsBelow(pid = process.pid): number[] {
  return descendantsOf(pid).flatMap((each) => (each.name === "ffmpeg" ? [each.pid] : []));
}

/** Whether a process is there, be it a zombie. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
