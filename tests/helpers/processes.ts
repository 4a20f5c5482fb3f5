import { spawnSync } from "node:child_process";

/** Ids of the FFmpegs that this process has started and that still run. */
export function runningFfmpegs(): number[] {
  const { stdout } = spawnSync("pgrep", ["-P", String(process.pid), "-x", "ffmpeg"], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
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
