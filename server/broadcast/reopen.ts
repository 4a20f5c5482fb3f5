import type { Turns } from "../core/turns.ts";
import { FramesScanner } from "../media/frames-scanner.ts";
import { OpeningScanner } from "../media/opening-scanner.ts";
import { Broadcast } from "./broadcast.ts";
import { BroadcastLog } from "./log/broadcast-log.ts";
import { IndexFile } from "./log/index-file.ts";
import { type IndexContents, readIndex } from "./log/index-lines.ts";
import { FileStore } from "./log/log-store.ts";
import { type NewScanner, replay, trusted } from "./log/replay.ts";

/** A recorded broadcast that an earlier life of the server did not bring to its end. */
export interface LeftBroadcast {
  readonly id: string;
  readonly channel: string;
  /** Unix time in ms. */
  readonly startedMs: number;
  readonly sourcePath: string;
  readonly indexPath: string;
  /** Its log has images and no container. */
  readonly isImages?: boolean;
}

/** A broadcast that goes on where its file ends. */
export interface ReopenedBroadcast {
  readonly broadcast: Broadcast;
  /** The publisher had ended it, and all of it is there. */
  readonly hadEnded: boolean;
}

/**
 * Goes on with a broadcast after a crash or a stop. All bytes that the file has stay: they are the publisher's first
 * ones whatever was under way, since a file is only ever appended to. Rejects when there is no file, or nothing in it
 * that could be played.
 */
export async function reopenBroadcast(left: LeftBroadcast, syncs?: Turns): Promise<ReopenedBroadcast> {
  const store = await FileStore.reopen(left.sourcePath);
  const length = store.initialBytes;
  const log = new BroadcastLog(store, { length, ...(syncs === undefined ? {} : { syncs }) });
  let index: IndexFile | undefined;
  try {
    const found = await readIndex(left.indexPath, length);
    const newScanner = left.isImages === true ? imageScanner(found) : (offset: number) => new OpeningScanner(offset);
    const contents = await trusted(log, newScanner, { ...found, arrivedMs: found.arrivedMs ?? left.startedMs });
    const isTrusted = contents.epochs.length === found.epochs.length;
    index = await IndexFile.reopen(left.indexPath, isTrusted ? length : 0, syncs);
    if (!isTrusted) for (const offset of contents.restarts) await index.restarted(offset);
    const broadcast = new Broadcast({ ...left, scanner: newScanner(0), log, index });
    const scanner = await replay(log, { contents, newScanner }, (...event) => broadcast.restore(...event));
    broadcast.restored(scanner, contents.restarts.at(-1) ?? 0);
    return { broadcast, hadEnded: found.ended };
  } catch (error) {
    await index?.[Symbol.asyncDispose]();
    await log[Symbol.asyncDispose]();
    throw error;
  }
}

/** Images carry no time: what the index has no line for was in nobody's picture and stays out of it. */
function imageScanner({ resyncs }: IndexContents): NewScanner {
  const times = new Map(resyncs.map(({ offset, time }) => [offset, time]));
  return (startOffset) => new FramesScanner({ startOffset, timeAt: (offset) => times.get(offset) });
}
