import { join } from "node:path";
import type { BroadcastRegistry } from "../broadcast/registry.ts";
import type { Config } from "../config.ts";
import type { DiskFloor } from "../core/disk.ts";
import type { Pull, PullInput } from "../ingest/sources/pull.ts";
import { SourceFolder } from "../ingest/sources/source-folder.ts";
import { Sources } from "../ingest/sources/sources.ts";
import { startPull } from "../transcode/pull.ts";

/** What the sources need of the rest of the server. */
export interface PulledSourcesParts {
  readonly binary: string;
  readonly registry: BroadcastRegistry;
  readonly floor: DiskFloor;
  /** Whether somebody is connected to a channel. */
  readonly isWatched: (channel: string) => boolean;
  /** What went wrong, and what went well. */
  readonly report: (event: string, details: Record<string, unknown>) => void;
  readonly told: (event: string, details: Record<string, unknown>) => void;
}

/** The sources that the server opens by itself: FFmpeg reads them, and they publish like everybody else. */
export function pulledSources(
  config: Config,
  { binary, registry, floor, isWatched, ...log }: PulledSourcesParts,
): Sources {
  return new Sources({
    folder: new SourceFolder(config.sourcesDir),
    record: config.record,
    needsPassphrase: config.publish !== "open",
    idleMs: config.idleSeconds * 1000,
    isWatched,
    report: (event, details) => (details.problem === undefined ? log.told : log.report)(event, details),
    pull: (input: PullInput): Pull => startPull(binary, input),
    publishing: {
      check: async (channel) => {
        await floor.check();
        await registry.check(channel);
      },
      publish: (channel, options) => registry.publish(channel, options),
      isLive: (channel) => registry.on(channel) !== undefined,
      notify: (channel, text) => registry.on(channel)?.notify(text),
    },
  });
}

/** Where the sources that were named over the API are kept. */
export function sourcesFile(dataDir: string): string {
  return join(dataDir, "sources.json");
}
