import type { SpillOrder, SpillReport } from "./spill-worker.ts";

/** The most that is kept on the disk: nearly an hour at 2.5 Mbit/s. */
const MAX_DISK_BYTES = 1_000_000_000;
/** No more than this share of what the browser still allows: other pages of this site need room, too. */
const SHARE_OF_QUOTA = 0.5;
const FOLDER = "kept-broadcasts";

/** Bytes in a file; reading them reads the file. */
export interface SpilledBytes {
  readonly bytes: Blob;
  /** The file is not needed any more. */
  remove(): void;
}

/** A place on this device's disk that goes with the page. */
export interface Spill {
  readonly maxBytes: number;
  /** Writes one file. Rejects when there is no room. */
  write(bytes: Blob): Promise<SpilledBytes>;
  /** Removes everything. */
  close(): void;
}

/**
 * A folder of this page in the browser's origin-private file system; undefined where the browser gives none: on insecure
 * addresses, and in some private windows. What pages left that have crashed is removed on this occasion.
 */
export async function openSpill(): Promise<Spill | undefined> {
  if (!isSecureContext || navigator.storage?.getDirectory === undefined) return undefined;
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    await removeAbandoned(folder);
    const name = crypto.randomUUID();
    const release = await holdLock(name);
    const own = await folder.getDirectoryHandle(name, { create: true });
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    const maxBytes = Math.min(MAX_DISK_BYTES, (quota - usage) * SHARE_OF_QUOTA);
    const onClose = () =>
      void folder
        .removeEntry(name, { recursive: true })
        .catch(() => {})
        .finally(release);
    return new FolderSpill({ folder: own, maxBytes, onClose });
  } catch {
    return undefined;
  }
}

interface FolderOptions {
  readonly folder: FileSystemDirectoryHandle;
  readonly maxBytes: number;
  readonly onClose: () => void;
}

/** Files are written by a worker: only there every browser can write them at once and without a copy. */
class FolderSpill implements Spill {
  readonly maxBytes: number;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #onClose: () => void;
  /** Made now: when it is needed there may be no network to load it from. */
  readonly #worker = new Worker(new URL("./spill-worker.ts", import.meta.url), { type: "module" });
  #files = 0;

  constructor({ folder, maxBytes, onClose }: FolderOptions) {
    this.#folder = folder;
    this.maxBytes = maxBytes;
    this.#onClose = onClose;
  }

  async write(bytes: Blob): Promise<SpilledBytes> {
    this.#files += 1;
    const name = String(this.#files);
    await this.#order({ folders: [FOLDER, this.#folder.name], name, bytes });
    const handle = await this.#folder.getFileHandle(name);
    return {
      bytes: await handle.getFile(),
      remove: () => void this.#folder.removeEntry(name).catch(() => {}),
    };
  }

  close(): void {
    this.#worker.terminate();
    this.#onClose();
  }

  /** One at a time, as the keeper of the bytes does it. */
  #order(order: SpillOrder): Promise<void> {
    return new Promise((resolve, reject) => {
      const heard = ({ data }: MessageEvent<SpillReport>) => {
        if (data === "written") resolve();
        else reject(new Error(data));
      };
      this.#worker.addEventListener("message", heard, { once: true });
      this.#worker.addEventListener("error", () => reject(new Error("the worker failed")), { once: true });
      this.#worker.postMessage(order);
    });
  }
}

/** Holds a lock that goes with the page, however it goes; resolves with what lets go of it. */
function holdLock(name: string): Promise<() => void> {
  return new Promise((resolve) => {
    void navigator.locks.request(lockOf(name), () => new Promise<void>((release) => resolve(release)));
  });
}

/** Removes the folders whose pages are gone. */
async function removeAbandoned(folder: FileSystemDirectoryHandle): Promise<void> {
  const { held = [] } = await navigator.locks.query();
  const locks = held.map((lock) => lock.name);
  for await (const name of folder.keys()) {
    if (!locks.includes(lockOf(name))) await folder.removeEntry(name, { recursive: true }).catch(() => {});
  }
}

function lockOf(name: string): string {
  return `${FOLDER}/${name}`;
}
