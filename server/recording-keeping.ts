import { clipper } from "./clipper.ts";
import type { Scope } from "./core/scope.ts";
import type { Catalog } from "./recordings/catalog.ts";
import { Clips } from "./recordings/clips.ts";
import { Keeping } from "./recordings/keeping.ts";
import { Removal, type RemovalOptions } from "./recordings/removal.ts";
import { Replays } from "./recordings/replays.ts";

/** What keeping recordings needs of the rest. */
export interface KeepingOptions extends Pick<RemovalOptions, "onRemoved" | "report"> {
  readonly catalog: Catalog;
  /** FFmpeg. */
  readonly binary: string;
}

/** What becomes of recordings after their end: played, renamed, cut, deleted. */
export interface KeptRecordings {
  readonly replays: Replays;
  readonly deleted: Removal;
  readonly recordings: Keeping;
}

/** Connects all of it, and leaves to `scope` what ends it. */
export function keepRecordings({ catalog, binary, ...told }: KeepingOptions, scope: Scope): KeptRecordings {
  const replays = new Replays();
  const removal = new Removal({ catalog, replays, ...told });
  scope.defer(() => removal[Symbol.dispose]());
  const clips = scope.use(new Clips(catalog, clipper(binary)));
  return { replays, deleted: removal, recordings: new Keeping({ catalog, removal, clips }) };
}
