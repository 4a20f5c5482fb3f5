import type { Config } from "./config.ts";
import { knownDiskTrouble } from "./core/disk.ts";
import { codeOf, messageOf } from "./core/errors.ts";
import { isOutOfFiles, OUT_OF_FILES } from "./core/open-files.ts";

const PORT_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses this port; stop it, or choose another one",
  EACCES: "this user may not listen on this port; choose one from 1024 on",
};
const HOST_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: "this machine does not have this address",
  ENOTFOUND: "there is no such name",
  EAI_AGAIN: "the name cannot be looked up at the moment",
};

/** What the operator can do about a start that failed, in one line that names the setting; else the error's own words. */
export function explainStart(error: unknown, { http, dataDir }: Pick<Config, "http" | "dataDir">): string {
  if (isOutOfFiles(error)) return OUT_OF_FILES;
  const code = codeOf(error) ?? "";
  if (isListening(error)) {
    const port = PORT_PROBLEMS[code];
    if (port !== undefined) return `MILLRACE_PORT=${http.port} (on ${http.host}): ${port}`;
    const host = HOST_PROBLEMS[code];
    if (host !== undefined) return `MILLRACE_HOST=${http.host}: ${host}`;
  } else if (hasPath(error)) {
    const trouble = knownDiskTrouble(error);
    if (trouble !== undefined) return `MILLRACE_DATA_DIR=${dataDir}: ${trouble}`;
  }
  return messageOf(error);
}

function isListening(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("syscall" in error)) return false;
  return error.syscall === "listen" || error.syscall === "bind" || error.syscall === "getaddrinfo";
}

function hasPath(error: unknown): boolean {
  return typeof error === "object" && error !== null && "path" in error;
}
