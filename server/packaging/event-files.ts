import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeWhole } from "../core/files.ts";
import type { MediaEvent } from "./media-events.ts";
import type { Presentation } from "./presentation.ts";
import { replayTimes } from "./replay-times.ts";
import { WriteQueue } from "./write-queue.ts";

/** Every telling of every event, one line each, while the recording is made. */
const LINES_NAME = "events.jsonl";
/** All of them with their places in the recording, after its end. */
const LIST_NAME = "events.json";
/** Lines that may wait for the disk. */
const MAX_WAITING = 1_000;

const line = z.object({
  id: z.number().int().positive(),
  type: z.string(),
  shape: z.enum(["range", "point", "sample"]),
  startMs: z.number(),
  durationMs: z.number().nullable(),
  at: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

/** Keeps a recording's events. What cannot be written ends them, nothing else. */
export class EventFiles {
  readonly #folder: string;
  readonly #writes: WriteQueue;

  /** `past` is what an earlier life of the server told, see {@link readEvents}. */
  constructor(folder: string, onProblem: (problem: string) => void, past: readonly MediaEvent[] = []) {
    this.#folder = folder;
    this.#writes = new WriteQueue({
      mostWaiting: MAX_WAITING,
      onProblem: (trouble) => onProblem(`No more events are kept (${trouble}).`),
    });
    // A line that was cut off goes, and what could not be ended then has its end.
    if (past.length === 0) return;
    this.#writes.add(() => writeWhole(join(folder, LINES_NAME), past.map(lineOf).join("")));
  }

  add(event: MediaEvent): void {
    this.#writes.add(() => appendFile(join(this.#folder, LINES_NAME), lineOf(event)));
  }

  /** Writes what can only be told after the end. Never rejects: a recording plays without. */
  async finish(presentation: Presentation): Promise<void> {
    this.#writes.add(async () => {
      const events = await readEvents(this.#folder);
      if (events.length === 0) return;
      const [track] = presentation.tracks;
      const placeOf = track === undefined ? () => 0 : replayTimes(track).placeOf;
      const items = events.map((event) => ({ ...event, placeSeconds: rounded(placeOf(event.startMs / 1000)) }));
      await writeWhole(join(this.#folder, LIST_NAME), JSON.stringify({ items }));
      await rm(join(this.#folder, LINES_NAME), { force: true });
    });
    await this.settle();
  }

  /** Resolves when everything is on disk that there is so far. */
  async settle(): Promise<void> {
    await this.#writes.settle();
  }
}

/**
 * What a recording's folder tells of its events while it is made, each once, by time. A line that was cut off is left out,
 * and a range that nobody ended, since the server was killed, ends with the last that is known.
 */
export async function readEvents(folder: string): Promise<MediaEvent[]> {
  const events = new Map<number, MediaEvent>();
  const bytes = await readFile(join(folder, LINES_NAME), "utf8").catch(() => "");
  for (const text of bytes.split("\n")) {
    const event = parseLine(text);
    if (event !== undefined) events.set(event.id, event);
  }
  const found = [...events.values()].toSorted((a, b) => a.startMs - b.startMs || a.id - b.id);
  const lastMs = Math.max(...found.map(({ startMs, durationMs }) => startMs + (durationMs ?? 0)));
  return found.map((event) => ({ ...event, durationMs: event.durationMs ?? lastMs - event.startMs }));
}

function lineOf(event: MediaEvent): string {
  return `${JSON.stringify(event)}\n`;
}

function parseLine(text: string): MediaEvent | undefined {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
