import { rm } from "node:fs/promises";
import { join } from "node:path";
import { FileStore, PieceStore } from "../broadcast/log/log-store.ts";
import type { RegistryOptions } from "../broadcast/registry.ts";
import { wallMs } from "../core/clock.ts";
import type { Catalog } from "../recordings/catalog.ts";
import { mediaNames } from "../recordings/record.ts";
import type { Recorder } from "../recordings/recorder.ts";

/** Without recording a log is kept in pieces of this size, two at a time: enough to start an encoder anew. */
const PIECE_BYTES = 16 * 1024 * 1024;
const PIECES_KEPT = 2;

/** Makes room for logs in the folders of their recordings, which begin with them; all of it or nothing. */
export function recorded(catalog: Catalog, recorder: Recorder): RegistryOptions["place"] {
  return async ({ id, channel, kind, tokenHash }) => {
    const folder = catalog.folderOf({ id, channel });
    try {
      await recorder.begin({ id, channel, container: kind, startedMs: wallMs(), tokenHash });
      const store = await FileStore.create(join(folder, mediaNames(kind).source));
      return { store, indexPath: join(folder, "index") };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  };
}

/** Makes room for logs of which only the newest part is kept, and nothing after their end. */
export function unrecorded(root: string): RegistryOptions["place"] {
  return async ({ id }) => ({
    store: new PieceStore(join(root, id), { pieceBytes: PIECE_BYTES, keepPieces: PIECES_KEPT }),
    indexPath: undefined,
  });
}
