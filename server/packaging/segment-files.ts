import { join } from "node:path";
import { messageOf } from "../core/errors.ts";
import { writeWhole } from "../core/files.ts";
import { manifest } from "./dash.ts";
import { initName, multivariantPlaylist, PLAYLIST_NAME, recordedPlaylist, segmentName } from "./hls.ts";
import type { Presentation, SegmentKeeper } from "./presentation.ts";
import type { RunInit, Segment } from "./segment.ts";

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
  #waitingBytes = 0;
  #failed = false;

  constructor(folder: string, onProblem: (problem: string) => void) {
    this.#folder = folder;
    this.#onProblem = onProblem;
  }

  init(track: string, init: RunInit): void {
    this.#write(`${track}/${initName(init.run)}`, init.bytes);
  }

  segment(track: string, { row, bytes }: Segment): void {
    this.#write(`${track}/${segmentName(row.run, row.number)}`, bytes);
  }

  /** Writes the playlists and the manifest of the finished broadcast; resolves when everything is on disk. */
  async finish(presentation: Presentation): Promise<void> {
    if (presentation.tracks.length > 0) {
      for (const track of presentation.tracks) {
        this.#write(`${track.name}/${PLAYLIST_NAME}`, text(recordedPlaylist(presentation, track)));
      }
      this.#write("master.m3u8", text(multivariantPlaylist(presentation, "")));
      this.#write("manifest.mpd", text(manifest(presentation, { extent: "all", folder: "", clockUrl: "", nowMs: 0 })));
    }
    await this.#queue;
  }

  #write(name: string, bytes: Uint8Array): void {
    const { byteLength } = bytes;
    if (this.#failed) return;
    if (this.#waitingBytes + byteLength > MAX_WAITING_BYTES) return this.#fail("the disk is too slow");
    this.#waitingBytes += byteLength;
    this.#queue = this.#queue
      .then(() => (this.#failed ? undefined : writeWhole(join(this.#folder, name), bytes)))
      .catch((error: unknown) => this.#fail(messageOf(error)))
      .finally(() => {
        this.#waitingBytes -= byteLength;
      });
  }

  /** A recording with a hole would not play: after the first failure only the archive goes on. */
  #fail(problem: string): void {
    if (!this.#failed) this.#onProblem(`The tracks are no longer kept for replay: ${problem}`);
    this.#failed = true;
  }
}

function text(content: string): Uint8Array {
  return Buffer.from(content, "utf8");
}
