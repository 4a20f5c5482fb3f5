import type { Scope } from "../core/scope.ts";
import { Catalog } from "../recordings/catalog.ts";
import { Clips } from "../recordings/clips.ts";
import { Keeping } from "../recordings/keeping.ts";
import { Recorder } from "../recordings/recorder.ts";
import { Removal, type RemovalOptions } from "../recordings/removal.ts";
import { Replays } from "../recordings/replays.ts";
import { Retention, type RetentionOptions } from "../recordings/retention.ts";
import { Shelf } from "../recordings/shelf.ts";
import { openStore, type StoreSettings } from "../recordings/storage/open-store.ts";
import { Outpost } from "../recordings/storage/outpost.ts";
import { clipper } from "./clipper.ts";
import { remuxer } from "./remuxer.ts";

/** What recordings need of the rest. */
export interface KeepingOptions
  extends Pick<RemovalOptions, "onRemoved" | "report">,
    Pick<RetentionOptions, "keepOf" | "total"> {
  /** The folder that has them. */
  readonly folder: string;
  /** FFmpeg. */
  readonly binary: string;
  /** Where else recordings are kept; undefined: nowhere. */
  readonly store: (StoreSettings & { readonly keepsHere: boolean }) | undefined;
}

/** Recordings while they are made, and what becomes of them afterwards: played, renamed, cut, deleted. */
export interface KeptRecordings {
  readonly catalog: Catalog;
  readonly recorder: Recorder;
  readonly replays: Replays;
  readonly deleted: Removal;
  readonly recordings: Keeping;
  readonly elsewhere: Outpost | undefined;
}

/** Connects all of it, and leaves to `scope` what ends it. */
export function keepRecordings(options: KeepingOptions, scope: Scope): KeptRecordings {
  const { folder, binary, store, report, ...rest } = options;
  const catalog = new Catalog(folder);
  const onComplete = () => {
    retention.soon();
    elsewhere?.soon();
  };
  const recorder = scope.use(new Recorder({ catalog, remux: remuxer(binary), report, onComplete }));
  const isMaking = (id: string) => recorder.isMaking(id);
  const replays = new Replays();
  const elsewhere =
    store && scope.use(new Outpost({ catalog, isMaking, report, store: openStore(store), keepsHere: store.keepsHere }));
  const forget = elsewhere && ((of: string) => elsewhere.forget(of));
  const deleted = new Removal({ catalog, replays, report, ...rest, forget });
  void deleted.removeLeftovers();
  scope.defer(() => deleted[Symbol.dispose]());
  const clips = scope.use(new Clips(catalog, clipper(binary)));
  const shelf = new Shelf({ catalog, isWatched: (id) => replays.isWatched(id), isMaking });
  const remove = (id: string, reason: string) => deleted.remove(id, reason);
  const retention = scope.use(new Retention({ ...rest, report, list: () => shelf.list(), remove }));
  elsewhere?.soon();
  const recordings = new Keeping({ catalog, removal: deleted, clips, elsewhere });
  return { catalog, recorder, replays, deleted, recordings, elsewhere };
}
