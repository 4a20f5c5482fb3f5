import { type ServerOptions, type ServerReady, serverOptions } from "./talk.ts";

/** Settings of this process, from its first argument. */
export function readOptions(): ServerOptions {
  return serverOptions.parse(JSON.parse(process.argv[2] ?? "null"));
}

/** Tells who started this process that it can be reached, and ends it when that one is gone. */
export function ready(message: ServerReady): void {
  process.on("disconnect", () => process.exit());
  // Before its memory is looked at.
  globalThis.gc?.();
  process.send?.(message);
}
