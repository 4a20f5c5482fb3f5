import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** One process of this machine. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** The children of a process and theirs, all the way down. */
export function descendantsOf(pid: number, processes: readonly Process[] = listProcesses()): Process[] {
  const children = processes.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)]);
}

/** Those of `known` that are still there. */
export function survivors(known: readonly Process[]): Process[] {
  const now = listProcesses();
  return known.filter(({ pid, name }) => now.some((other) => other.pid === pid && other.name === name));
}

/** Every process that runs; one that is dead but not yet collected by its parent does not count. */
function listProcesses(): Process[] {
  return process.platform === "linux" ? fromProc() : fromPs();
}

/** Slim containers have no `ps`. */
function fromProc(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => parseStat(readStat(name)));
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return ""; // It ended between listing and reading.
  }
}

/** proc(5): pid (name) state parent …; the name may contain anything, brackets and spaces too. */
function parseStat(stat: string): Process[] {
  const [, pid, name = "", state, parent] = /^(\d+) \((.*)\) (\S) (\d+)/s.exec(stat) ?? [];
  return pid === undefined || state === "Z" ? [] : [{ pid: Number(pid), parent: Number(parent), name }];
}

function fromPs(): Process[] {
  const lines = execFileSync("ps", ["-axo", "pid=,ppid=,stat=,comm="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, state = "", name = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const isOurs = pid === undefined || name.endsWith("ps") || state.startsWith("Z");
    return isOurs ? [] : [{ pid: Number(pid), parent: Number(parent), name }];
  });
}
