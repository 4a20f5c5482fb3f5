import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuSecondsOf } from "../../server/core/cpu-time.ts";
import { descendantsOf } from "../example/processes.ts";

/** Linux counts processor time in hundredths of a second, whatever its timer does (time(7), USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Processor seconds that a process has used so far, without its children; 0 when it is gone. Linux only. */
export function cpuSeconds(pid: number): number {
  return cpuSecondsOf(pid) ?? 0;
}

/** The most memory that a process has ever had resident, in MiB. Linux only. */
export function peakMemoryMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** The memory that a process has resident now, in MiB. Linux only. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Processor seconds of a process's children that have ended. Linux only. */
export function childrenCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** Settling down after the start is not what a publisher costs: the first seconds are left out. */
export const WARM_UP_SECONDS = 4;

/** Share of one core that a process and its children use between the end of the warm-up and `seconds` later. */
export async function cpuShare(pid: number, seconds: number): Promise<{ own: number; children: number }> {
  await sleep(WARM_UP_SECONDS * 1000);
  const children = descendantsOf(pid).map((child) => child.pid);
  const sum = () => children.reduce((total, child) => total + cpuSeconds(child), 0);
  const before = { at: performance.now(), own: cpuSeconds(pid), children: sum() };
  await sleep(seconds * 1000);
  const elapsed = (performance.now() - before.at) / 1000;
  return { own: (cpuSeconds(pid) - before.own) / elapsed, children: (sum() - before.children) / elapsed };
}
