import { wallMs } from "../../core/clock.ts";
import type { NewEvent } from "../../protocol/events.ts";
import type { AudienceSample, BroadcastStats } from "../../protocol/stats.ts";
import { Threshold } from "./threshold.ts";

/** How often everything is looked at. */
const SAMPLE_MS = 2_000;
/** For charts: twenty minutes. */
const KEPT = 600;
/** What a recording keeps: one in so many samples, 10 s apart, and no more than a day of them. */
const KEEP_EVERY = 5;
const KEEP_AT_MOST = 8_640;
/** A recording's audience is written so often, in samples: a crash loses a minute of it. */
const WRITE_EVERY = 30;

/** What the sampler needs of the rest of the server. */
export interface SamplerOptions {
  readonly look: () => readonly BroadcastStats[];
  readonly emit: (event: NewEvent) => void;
  /** Keeps the audience of a recorded broadcast. Must not reject. */
  readonly keep: (broadcast: string, samples: readonly AudienceSample[]) => Promise<void>;
  /** Tests are in a hurry. */
  readonly everyMs?: number;
}

/** What is remembered of a broadcast. */
interface Course {
  readonly recent: AudienceSample[];
  readonly kept: AudienceSample[];
  readonly threshold: Threshold;
  bytesOut: number;
  atMs: number;
  count: number;
}

/** Looks at all broadcasts every few seconds: for charts, for what recordings keep, and for the number of viewers. */
export class Sampler implements AsyncDisposable {
  readonly #options: SamplerOptions;
  readonly #courses = new Map<string, Course>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.everyMs ?? SAMPLE_MS).unref();
  }

  /** The last minutes of a broadcast that is live, oldest first. */
  history(broadcast: string): readonly AudienceSample[] {
    return this.#courses.get(broadcast)?.recent ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const id of [...this.#courses.keys()]) this.#end(id);
    await this.#writing;
  }

  #look(): void {
    const all = this.#options.look();
    for (const stats of all) this.#note(stats);
    const live = new Set(all.map(({ broadcast }) => broadcast));
    for (const id of [...this.#courses.keys()]) if (!live.has(id)) this.#end(id);
  }

  #note(stats: BroadcastStats): void {
    const { broadcast, channel, audience } = stats;
    const known = this.#courses.get(broadcast);
    const course = known ?? newCourse(stats);
    if (known === undefined) this.#courses.set(broadcast, course);
    const sample = sampleOf(stats, course);
    course.recent.push(sample);
    if (course.recent.length > KEPT) course.recent.shift();
    if (course.count % KEEP_EVERY === 0 && course.kept.length < KEEP_AT_MOST) course.kept.push(sample);
    course.count += 1;
    if (course.count % WRITE_EVERY === 0) this.#keep(broadcast, course);
    for (const passed of course.threshold.passed(audience.viewers)) {
      this.#options.emit({
        type: "viewers.threshold",
        channel,
        broadcast,
        data: { viewers: audience.viewers, ...passed },
      });
    }
  }

  #end(id: string): void {
    const course = this.#courses.get(id);
    this.#courses.delete(id);
    if (course !== undefined) this.#keep(id, course);
  }

  #keep(id: string, { kept }: Course): void {
    const samples = [...kept];
    this.#writing = this.#writing.then(() => this.#options.keep(id, samples));
  }
}

function newCourse({ bytesOut }: BroadcastStats): Course {
  return { recent: [], kept: [], threshold: new Threshold(), bytesOut, atMs: wallMs(), count: 0 };
}

function sampleOf({ audience, ingest, encoder, bytesOut }: BroadcastStats, course: Course): AudienceSample {
  const nowMs = wallMs();
  const seconds = (nowMs - course.atMs) / 1000;
  const kbpsOut = seconds < 0.1 ? 0 : Math.round(((bytesOut - course.bytesOut) * 8) / 1000 / seconds);
  course.bytesOut = bytesOut;
  course.atMs = nowMs;
  const delayMs = audience.delayMs === null ? null : Math.round(audience.delayMs.avg);
  return {
    at: new Date(nowMs).toISOString(),
    viewers: audience.viewers,
    delayMs,
    stalls: audience.stalls,
    kbpsIn: ingest.kbps,
    kbpsOut: Math.max(0, kbpsOut),
    encoderMs: encoder.delayMs,
  };
}
