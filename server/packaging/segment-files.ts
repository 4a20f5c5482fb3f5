import { rm } from "node:fs/promises";
import { join } from "node:path";
import { diskTrouble } from "../core/disk.ts";
import { LiveError } from "../core/errors.ts";
import { writeWhole } from "../core/files.ts";
import { manifest } from "./dash.ts";
import { initName, multivariantPlaylist, PLAYLIST_NAME, recordedPlaylist, segmentName } from "./hls.ts";
import { IMAGE_PLAYLIST_NAME, imagePlaylist, PREVIEWS_FOLDER } from "./image-tracks.ts";
import { JOURNAL_NAME, Journal, type JournalRun } from "./journal.ts";
import type { Presentation, SegmentKeeper } from "./presentation.ts";
import type { RunInit, Segment } from "./segment.ts";
import type { TileTrack } from "./tiles.ts";

/** Bytes that may wait for the disk; a segment that finds no room is not kept. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Keeps a broadcast's tracks in its folder, one file for each segment, and in the end the playlists and the manifest:
 * the folder then plays from any static web server, also one that knows no ranges. Files appear complete.
 */
export class SegmentFiles implements SegmentKeeper {
  readonly #folder: string;
  readonly #onProblem: (problem: string) => void;
  #queue: Promise<void> = Promise.resolve();
  #journal: Journal | undefined;
  #waitingBytes = 0;
  #failure: string | undefined;

  constructor(folder: string, onProblem: (problem: string) => void) {
    this.#folder = folder;
    this.#onProblem = onProblem;
  }

  /** Everything that was published is kept, or will be when the disk has taken it. */
  get isWhole(): boolean {
    return this.#failure === undefined;
  }

  run(run: JournalRun): void {
    this.#do(async () => (await this.#openJournal()).run(run));
  }

  init(track: string, init: RunInit): void {
    this.#write(`${track}/${initName(init.run)}`, init.bytes);
  }

  segment(track: string, { row, bytes }: Segment): void {
    if (!row.gap) this.#write(`${track}/${segmentName(row.run, row.number)}`, bytes);
    // Only when its file is complete: what the journal tells of is there.
    this.#do(async () => (await this.#openJournal()).segment(track, row));
  }

  /**
   * Writes the playlists and the manifest of the finished broadcast, with the preview images that it has; resolves when
   * everything is on disk. Rejects with `no_room` when it is not: the journal tells what is.
   */
  async finish(presentation: Presentation, images?: TileTrack): Promise<void> {
    if (presentation.tracks.length > 0) {
      for (const track of presentation.tracks) {
        this.#write(`${track.name}/${PLAYLIST_NAME}`, text(recordedPlaylist(presentation, track)));
      }
      const ofImages = images && imagePlaylist(presentation, images);
      if (ofImages !== undefined) this.#write(`${PREVIEWS_FOLDER}/${IMAGE_PLAYLIST_NAME}`, text(ofImages));
      this.#write("master.m3u8", text(multivariantPlaylist(presentation, "", images)));
      const whole = { extent: "all", folder: "", clockUrl: "", nowMs: 0, images } as const;
      this.#write("manifest.mpd", text(manifest(presentation, whole)));
    }
    await this.settle();
    if (this.#failure !== undefined) throw new LiveError("no_room", this.#failure);
  }

  /** Resolves when everything is on disk that there is so far, and nothing is open any more. */
  async settle(): Promise<void> {
    await this.#queue;
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.[Symbol.asyncDispose]().catch((error: unknown) => this.#fail(diskTrouble(error)));
  }

  /** The recording has its end and its playlists: nobody will have to find out what they say. */
  async forgetJournal(): Promise<void> {
    await rm(join(this.#folder, JOURNAL_NAME), { force: true });
  }

  async #openJournal(): Promise<Journal> {
    this.#journal ??= await Journal.open(this.#folder);
    return this.#journal;
  }

  #write(name: string, bytes: Uint8Array): void {
    const { byteLength } = bytes;
    if (this.#failure !== undefined) return;
    if (this.#waitingBytes + byteLength > MAX_WAITING_BYTES) return this.#fail("the disk is too slow");
    this.#waitingBytes += byteLength;
    this.#do(() => writeWhole(join(this.#folder, name), bytes));
    void this.#queue.then(() => {
      this.#waitingBytes -= byteLength;
    });
  }

  #do(work: () => Promise<void>): void {
    this.#queue = this.#queue
      .then(() => (this.#failure === undefined ? work() : undefined))
      .catch((error: unknown) => this.#fail(diskTrouble(error)));
  }

  /**
   * A recording with a hole would not play: after the first failure only the archive goes on, and the rest is made from
   * it after the end.
   */
  #fail(problem: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = problem;
    this.#onProblem(`The tracks are not kept for replay any more (${problem}); they will be made from the archive.`);
  }
}

function text(content: string): Uint8Array {
  return Buffer.from(content, "utf8");
}
