import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { linesOf } from "../core/lines.ts";
import type { SegmentRow } from "./segment.ts";

/** Name of the journal in a recording's folder. */
export const JOURNAL_NAME = "journal";

const trackName = z.string().regex(/^(video|audio)\d{1,3}$/);
const count = z.number().int().nonnegative();

/** A run of the encoder: which tracks it makes, and of what. */
const runLine = z.object({
  run: count,
  tracks: z.array(trackName),
  /** EXT-X-TARGETDURATION, which must not change. */
  targetSeconds: count.positive(),
  /** The container of the publisher that it encodes, counted from 0, and what is added to that one's times. */
  place: z.object({ epoch: count, offsetSeconds: z.number() }),
});

/** A segment whose file is complete, or a gap. */
const rowLine = z.object({
  track: trackName,
  row: z.object({
    number: count,
    run: count,
    start: z.number().int(),
    duration: z.number().int(),
    bytes: count,
    samples: count,
    boundary: z.object({ number: count, time: z.number(), wallMs: z.number(), discontinuities: count }),
    gap: z.boolean(),
  }),
});

/** What stands in a journal about one run of the encoder. */
export type JournalRun = z.infer<typeof runLine>;

/** What a journal tells; `rows` by track, in the order in which they were written. */
export interface JournalContents {
  readonly runs: readonly JournalRun[];
  readonly rows: ReadonlyMap<string, readonly SegmentRow[]>;
}

/**
 * Notes what a recording's playlists will say, one line of JSON for each run of the encoder and each segment, so that
 * they can be written although the server was killed in between. Goes when they are.
 */
export class Journal implements AsyncDisposable {
  readonly #file: FileHandle;

  /** Begins a journal in a recording's folder, or goes on with it. */
  static async open(folder: string): Promise<Journal> {
    const journal = new Journal(await open(join(folder, JOURNAL_NAME), "a"));
    // The last line of a killed server may have been cut: what comes must not become part of it.
    await journal.#file.appendFile("\n");
    return journal;
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  run(run: JournalRun): Promise<void> {
    return this.#file.appendFile(`${JSON.stringify(run)}\n`);
  }

  segment(track: string, row: SegmentRow): Promise<void> {
    return this.#file.appendFile(`${JSON.stringify({ track, row })}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Reads the journal of a recording; one that is not there is empty, and what cannot be understood is left out. */
export async function readJournal(folder: string): Promise<JournalContents> {
  const runs: JournalRun[] = [];
  const rows = new Map<string, SegmentRow[]>();
  try {
    for await (const line of linesOf(join(folder, JOURNAL_NAME))) {
      const parsed = parseLine(line);
      if (parsed === undefined) continue;
      if (!("row" in parsed)) runs.push(parsed);
      else if (!rows.has(parsed.track)) rows.set(parsed.track, [parsed.row]);
      else rows.get(parsed.track)?.push(parsed.row);
    }
  } catch {
    // Not there: nothing was ever published.
  }
  return { runs, rows };
}

function parseLine(line: string): z.infer<typeof rowLine> | JournalRun | undefined {
  try {
    return z.union([rowLine, runLine]).safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
