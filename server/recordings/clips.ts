import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { LiveError } from "../core/errors.ts";
import { Turns } from "../core/turns.ts";
import type { ClipRequest } from "../protocol/api.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { UNFINISHED } from "./names.ts";
import { type BroadcastRecord, mediaNames } from "./record.ts";
import { isWritten } from "./removal.ts";

/** Cuts a recording's files into those of a clip. */
export type CutFiles = (
  job: {
    /** The recording's folder, and the clip's, which is there and empty. */
    readonly from: string;
    readonly to: string;
    readonly fromMs: number;
    readonly toMs: number;
    /** Name of the one file, in the clip's folder. */
    readonly file: string;
  },
  signal: AbortSignal,
) => Promise<{
  readonly fromMs: number;
  readonly toMs: number;
}>;

/** A clip that was made. */
export interface MadeClip {
  readonly record: BroadcastRecord;
  /** It is also there as one file. */
  readonly hasFile: boolean;
}

/** Clips are MP4, whatever their publisher sent. */
const CONTAINER = "mp4";

/** Makes clips, one at a time: each is a recording of its own, which stays when the other goes. */
export class Clips implements AsyncDisposable {
  readonly #catalog: Catalog;
  readonly #cut: CutFiles;
  readonly #turns = new Turns();
  readonly #stop = new AbortController();

  constructor(catalog: Catalog, cut: CutFiles) {
    this.#catalog = catalog;
    this.#cut = cut;
  }

  /** Undefined when there is no such recording; rejects with `in_use` while it is being written. */
  make(id: string, request: ClipRequest): Promise<MadeClip | undefined> {
    return this.#turns.take(async () => {
      this.#stop.signal.throwIfAborted();
      const entry = await this.#catalog.find(id);
      if (entry === undefined) return undefined;
      if (isWritten(this.#catalog, entry.record)) {
        throw new LiveError("in_use", "clips can be made when the broadcast is over and its recording has its end");
      }
      return this.#make(entry, request);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new LiveError("restarting", "the server is stopping"));
    await this.#turns.take(async () => {});
  }

  async #make({ record, folder }: CatalogEntry, { fromMs, toMs, title }: ClipRequest): Promise<MadeClip> {
    const { channel } = record;
    const id = uuidv7();
    const whole = this.#catalog.folderOf({ channel, id });
    const to = `${whole}${UNFINISHED}`;
    const file = mediaNames(CONTAINER).seekable;
    try {
      await mkdir(to, { recursive: true });
      const cut = await this.#cut({ from: folder, to, fromMs, toMs, file }, this.#stop.signal);
      const bytes = await stat(join(to, file)).then(
        ({ size }) => size,
        () => undefined,
      );
      const clip: BroadcastRecord = {
        id,
        channel,
        container: CONTAINER,
        startedAt: isoTime(Date.parse(record.startedAt) + cut.fromMs),
        endedAt: isoTime(Date.parse(record.startedAt) + cut.toMs),
        durationMs: cut.toMs - cut.fromMs,
        bytes: bytes ?? 0,
        state: "finished",
        clipOf: { recording: record.id, ...cut },
        ...(title === undefined ? {} : { title }),
      };
      await this.#catalog.write(clip, to);
      await rename(to, whole);
      return { record: clip, hasFile: bytes !== undefined };
    } catch (error) {
      await rm(to, { recursive: true, force: true });
      throw error;
    }
  }
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
