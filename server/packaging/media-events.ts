/** Something that was seen or heard in a broadcast; see `analysisEvent` in server/protocol/analysis.ts. */
export interface MediaEvent {
  /** Counts the broadcast's events from 1. */
  readonly id: number;
  readonly type: string;
  readonly shape: "range" | "point" | "sample";
  /** On the broadcast's timeline. */
  readonly startMs: number;
  /** Null while it goes on. */
  readonly durationMs: number | null;
  /** ISO 8601: when that moment reached the server. */
  readonly at: string;
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

/** Samples come every second from several analysers: only the newest are kept in memory, for who opens the page. */
const SAMPLES_KEPT = 512;
/** Ranges and points, which manifests and playlists tell of. */
const MARKS_KEPT = 4_096;
/** The most that one playlist or manifest of what is live tells of: it is fetched with every part. */
const MARKS_LISTED = 64;

/** The events of one broadcast that can be asked for, oldest first. */
export class MediaEvents {
  readonly #samples = new Map<number, MediaEvent>();
  readonly #marks = new Map<number, MediaEvent>();

  /** A range replaces what was told of it before. */
  add(event: MediaEvent): void {
    const [kept, most] = event.shape === "sample" ? [this.#samples, SAMPLES_KEPT] : [this.#marks, MARKS_KEPT];
    kept.set(event.id, event);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
  }

  /** All that are kept, by the time at which they begin. */
  get all(): MediaEvent[] {
    return [...this.#marks.values(), ...this.#samples.values()].toSorted(
      (a, b) => a.startMs - b.startMs || a.id - b.id,
    );
  }

  /** Those of them that are not over before `fromSeconds`. */
  from(fromSeconds: number): MediaEvent[] {
    return this.all.filter((event) => endMsOf(event) >= fromSeconds * 1000);
  }

  /** Ranges and points of the whole broadcast. */
  get marks(): MediaEvent[] {
    return [...this.#marks.values()].toSorted((a, b) => a.startMs - b.startMs || a.id - b.id);
  }

  /** The newest ranges and points that are not over before `fromSeconds`. */
  marksFrom(fromSeconds: number): MediaEvent[] {
    return this.marks.filter((event) => endMsOf(event) >= fromSeconds * 1000).slice(-MARKS_LISTED);
  }
}

/** What goes on has no end. */
function endMsOf({ startMs, durationMs }: MediaEvent): number {
  return durationMs === null ? Number.POSITIVE_INFINITY : startMs + durationMs;
}
