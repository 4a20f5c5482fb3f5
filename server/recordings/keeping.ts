import type { Clip, ClipRequest, Recording, RecordingChange } from "../protocol/api.ts";
import { toClip, toRecording } from "./answers.ts";
import type { Catalog } from "./catalog.ts";
import type { Clips } from "./clips.ts";
import type { Removal } from "./removal.ts";

/** What the operator's wishes go to. */
export interface KeepingParts {
  readonly catalog: Catalog;
  readonly removal: Removal;
  readonly clips: Clips;
  /** Told of a record that is another one now. */
  readonly elsewhere: { update(folder: string): Promise<void> } | undefined;
}

/** What the operator does with recordings. */
export class Keeping {
  readonly #catalog: Catalog;
  readonly #removal: Removal;
  readonly #clips: Clips;
  readonly #elsewhere: KeepingParts["elsewhere"];

  constructor(parts: KeepingParts) {
    this.#catalog = parts.catalog;
    this.#elsewhere = parts.elsewhere;
    this.#removal = parts.removal;
    this.#clips = parts.clips;
  }

  /** Newest first; of one channel, or of all. */
  async list(channel?: string): Promise<Recording[]> {
    return (await this.#catalog.list(channel)).map(({ record }) => toRecording(record));
  }

  /** Undefined when there is no such recording; so it is with the others. */
  async find(id: string): Promise<Recording | undefined> {
    const entry = await this.#catalog.find(id);
    return entry && toRecording(entry.record);
  }

  async change(id: string, { title }: RecordingChange): Promise<Recording | undefined> {
    const changed = await this.#catalog.change(id, ({ title: _, ...record }) =>
      title === null ? record : { ...record, title },
    );
    // Nobody waits for what is far away.
    if (changed !== undefined) void this.#elsewhere?.update(this.#catalog.folderOf(changed));
    return changed && toRecording(changed);
  }

  /** Resolves with false when there is none; rejects with `in_use` while it is being written. */
  delete(id: string): Promise<boolean> {
    return this.#removal.remove(id, "deleted by the operator");
  }

  async clip(id: string, request: ClipRequest): Promise<Clip | undefined> {
    const made = await this.#clips.make(id, request);
    return made && toClip(made);
  }
}
