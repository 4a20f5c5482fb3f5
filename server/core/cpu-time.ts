import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second, whatever its timer does (time(7), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Processor seconds that a process has used so far, without its children; undefined when it is gone, or not on Linux. */
export function cpuSecondsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
