import type { Scope } from "../core/scope.ts";
import type { Catalog } from "../recordings/catalog.ts";
import { Clips } from "../recordings/clips.ts";
import { Keeping } from "../recordings/keeping.ts";
import { Removal, type RemovalOptions } from "../recordings/removal.ts";
import { Replays } from "../recordings/replays.ts";
import { Retention, type RetentionOptions } from "../recordings/retention.ts";
import { Shelf, type ShelfOptions } from "../recordings/shelf.ts";
import { openStore, type StoreSettings } from "../recordings/storage/open-store.ts";
import { Outpost } from "../recordings/storage/outpost.ts";
import { clipper } from "./clipper.ts";

/** What keeping recordings needs of the rest. */
export interface KeepingOptions
  extends Pick<RemovalOptions, "onRemoved" | "report">,
    Pick<RetentionOptions, "keepOf" | "total">,
    Pick<ShelfOptions, "isMaking"> {
  readonly catalog: Catalog;
  /** FFmpeg. */
  readonly binary: string;
  /** Where else recordings are kept; undefined: nowhere. */
  readonly store: (StoreSettings & { readonly keepsHere: boolean }) | undefined;
}

/** What becomes of recordings after their end: played, renamed, cut, deleted. */
export interface KeptRecordings {
  readonly replays: Replays;
  readonly deleted: Removal;
  readonly recordings: Keeping;
  readonly retention: Retention;
  readonly elsewhere: Outpost | undefined;
}

/** Connects all of it, and leaves to `scope` what ends it. */
export function keepRecordings({ catalog, binary, ...rest }: KeepingOptions, scope: Scope): KeptRecordings {
  const replays = new Replays();
  const { store, isMaking, report } = rest;
  const elsewhere =
    store && scope.use(new Outpost({ catalog, isMaking, report, store: openStore(store), keepsHere: store.keepsHere }));
  const removal = new Removal({
    catalog,
    replays,
    ...rest,
    forget: elsewhere && ((folder) => elsewhere.forget(folder)),
  });
  void removal.removeLeftovers();
  scope.defer(() => removal[Symbol.dispose]());
  const clips = scope.use(new Clips(catalog, clipper(binary)));
  const shelf = new Shelf({ catalog, isWatched: (id) => replays.isWatched(id), isMaking: rest.isMaking });
  const remove = (id: string, reason: string) => removal.remove(id, reason);
  const retention = scope.use(new Retention({ ...rest, list: () => shelf.list(), remove }));
  elsewhere?.soon();
  return {
    replays,
    deleted: removal,
    recordings: new Keeping({ catalog, removal, clips, elsewhere }),
    retention,
    elsewhere,
  };
}
