import type { AnalysisEvent, AnalysisEventList } from "../../../server/protocol/analysis.ts";

/** An event, and where a recording has it. */
export type Mark = AnalysisEventList["items"][number];

/**
 * The moment on screen, on a clock that events know, too: the broadcast's timeline, the date of that moment, or the place
 * in a recording.
 */
export interface Moment {
  readonly clock: "media" | "date" | "place";
  readonly seconds: number;
}

/** Samples older than this are not what is on screen. In seconds. */
const SAMPLE_SECONDS = 3;
/** A point counts as being on screen for so long. */
const POINT_SECONDS = 1;
/** Where an event begins on a clock, in seconds. */
export function placeOf(mark: Mark, clock: Moment["clock"]): number {
  if (clock === "date") return Date.parse(mark.at) / 1000;
  return clock === "place" ? (mark.placeSeconds ?? 0) : mark.startMs / 1000;
}

/** Where it ends; a range that goes on has no end. */
export function endOf(mark: Mark, clock: Moment["clock"]): number {
  const seconds = mark.durationMs === null ? Number.POSITIVE_INFINITY : mark.durationMs / 1000;
  return placeOf(mark, clock) + seconds;
}

/** Whether it is on screen at a moment. */
export function isOn(mark: Mark, { clock, seconds }: Moment): boolean {
  const length = mark.shape === "point" ? POINT_SECONDS : 0;
  return placeOf(mark, clock) <= seconds && seconds < endOf(mark, clock) + length;
}

/** What is known of a broadcast's events. */
export class Marks {
  readonly #events = new Map<number, Mark>();
  readonly #maxKept: number;
  #sorted: { readonly version: number; readonly marks: readonly Mark[] } | undefined;
  #version = 0;
  #newestMs: number | undefined;

  /** Live, the oldest go when there are more: a page is open for days. */
  constructor(maxKept = Number.POSITIVE_INFINITY) {
    this.#maxKept = maxKept;
  }

  /** Changes whenever the events do. */
  get version(): number {
    return this.#version;
  }

  /** A range replaces what was told of it before, but its end is not forgotten. */
  add(event: AnalysisEvent | Mark): void {
    const known = this.#events.get(event.id);
    if (known !== undefined && known.durationMs !== null) return;
    this.#events.set(event.id, event);
    this.#newestMs = Math.max(this.#newestMs ?? event.startMs, event.startMs);
    this.#version += 1;
    const [oldest] = this.#events.keys();
    if (this.#events.size > this.#maxKept && oldest !== undefined) this.#events.delete(oldest);
  }

  clear(): void {
    this.#events.clear();
    this.#newestMs = undefined;
    this.#version += 1;
  }

  /** When the newest of them begins, in seconds on the broadcast's timeline; undefined without any. */
  get newestSeconds(): number | undefined {
    return this.#newestMs === undefined ? undefined : this.#newestMs / 1000;
  }

  /** Ranges and points in the order in which they begin. */
  get marks(): readonly Mark[] {
    if (this.#sorted?.version === this.#version) return this.#sorted.marks;
    const found = [...this.#events.values()].filter(({ shape }) => shape !== "sample");
    const marks = found.toSorted((a, b) => a.startMs - b.startMs || a.id - b.id);
    this.#sorted = { version: this.#version, marks };
    return marks;
  }

  /** The newest sample of each type at a moment. */
  samplesAt({ clock, seconds }: Moment): Mark[] {
    const newest = new Map<string, Mark>();
    for (const mark of this.#events.values()) {
      const age = seconds - placeOf(mark, clock);
      if (mark.shape !== "sample" || age < 0 || age > SAMPLE_SECONDS) continue;
      const known = newest.get(mark.type);
      if (known === undefined || known.startMs <= mark.startMs) newest.set(mark.type, mark);
    }
    return [...newest.values()].toSorted((a, b) => a.type.localeCompare(b.type));
  }
}
