import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PullInput } from "../../server/ingest/sources/pull.ts";
import { SourceFolder } from "../../server/ingest/sources/source-folder.ts";
import { Sources, type SourcesOptions } from "../../server/ingest/sources/sources.ts";
import { type SourceSettings, sourceSettings } from "../../server/protocol/sources.ts";
import { startPull } from "../../server/transcode/pull.ts";
import { type TestRegistry, testRegistry } from "./registry.ts";

/** Sources that publish into a real registry, read by a real FFmpeg. */
export interface SourcesOn extends TestRegistry {
  readonly sources: Sources;
  /** Below it lie the files of sources. */
  readonly media: string;
  /** What was asked of FFmpeg, oldest first. */
  readonly pulls: readonly PullInput[];
  readonly reports: readonly string[];
  /** Channels that somebody watches. */
  readonly watched: Set<string>;
  /** Puts a file below the folder of the sources. */
  put(path: string, bytes: Uint8Array): Promise<void>;
}

export async function sourcesOn(options: Partial<SourcesOptions> = {}): Promise<SourcesOn> {
  const on = await testRegistry();
  const media = join(on.folder, "media");
  await mkdir(media);
  const pulls: PullInput[] = [];
  const reports: string[] = [];
  const watched = new Set<string>();
  const sources = new Sources({
    folder: new SourceFolder(media),
    record: true,
    needsPassphrase: false,
    idleMs: 60_000,
    isWatched: (channel) => watched.has(channel),
    report: (event, details) => reports.push(`${event} ${JSON.stringify(details)}`),
    pull: (input) => {
      pulls.push(input);
      return startPull("ffmpeg", input);
    },
    publishing: {
      check: (channel) => on.registry.check(channel),
      publish: (channel, how) => on.registry.publish(channel, how),
      isLive: (channel) => on.registry.on(channel) !== undefined,
      notify: (channel, text) => on.registry.on(channel)?.notify(text),
    },
    ...options,
  });
  return {
    ...on,
    sources,
    media,
    pulls,
    reports,
    watched,
    async put(path, bytes) {
      await mkdir(join(media, path, ".."), { recursive: true });
      await writeFile(join(media, path), bytes);
    },
    async [Symbol.asyncDispose]() {
      await sources[Symbol.asyncDispose]();
      await on[Symbol.asyncDispose]();
    },
  };
}

/** A source's settings with the defaults. */
export function settingsOf(given: Readonly<Record<string, unknown>>): SourceSettings {
  return sourceSettings.parse(given);
}
