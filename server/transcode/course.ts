import type { RungWish } from "./ladder.ts";
import type { Outputs } from "./outputs.ts";
import { dearestPicture, type EncodePlan, planEncoding, type TrackPlan } from "./plan.ts";
import type { Source, SourceEpoch, SourcePoint } from "./source.ts";

/** What decides about tracks and times. */
export interface CourseSettings {
  readonly ladder: readonly RungWish[];
  readonly segmentSeconds: number;
  readonly maxKeyIntervalSeconds: number;
  readonly audioKbps: number;
}

/** How a run starts: with which plan, from where, and whether it continues what the last one published. */
export interface RunStart {
  readonly plan: EncodePlan;
  readonly from: SourcePoint | undefined;
  readonly continues: boolean;
  /** What is added to the epoch's own times. */
  readonly offsetSeconds: number;
}

/** What begins at 0 is moved at least this far: AAC starts before its first sound, and below 0 its times would wrap. */
const MIN_LEAD_SECONDS = 1;

/** A picture is shown this much before its key frame's predecessors are all decoded, at the most. */
const FALSE_KEY_SECONDS = 0.5;

/** Where the runs of one broadcast's encoder start, and what they make. */
export class Course {
  readonly #source: Source;
  readonly #outputs: Outputs;
  readonly #settings: CourseSettings;
  /** Whether the publisher's picture may be passed through: fixed by the first epoch, as segment lengths depend on it. */
  #mayCopy: boolean | undefined;
  readonly #dropped: Set<string>;
  #keysAreFalse = false;

  /** `dropped`: the pictures that an earlier life of the server could not make in time. */
  constructor(source: Source, outputs: Outputs, settings: CourseSettings, dropped: readonly string[] = []) {
    this.#source = source;
    this.#outputs = outputs;
    this.#settings = settings;
    this.#dropped = new Set(dropped);
  }

  /** The most that a segment can take, in seconds. */
  get longestSegmentSeconds(): number {
    return this.#mayCopy === true ? this.#settings.maxKeyIntervalSeconds : this.#settings.segmentSeconds;
  }

  /** An epoch's first run. `offsetSeconds` is known when an earlier life of the server has begun the epoch. */
  begin(epoch: SourceEpoch, offsetSeconds: number | undefined): RunStart {
    const plan = this.#planFor(epoch);
    const first = {
      plan,
      from: epoch.begins,
      continues: false,
      offsetSeconds: offsetSeconds ?? this.#offsetFor(epoch),
    };
    return offsetSeconds === undefined ? first : { ...this.goOn(epoch, first), continues: false };
  }

  /** The run after `last`: goes on where all of its tracks have ended. */
  goOn(epoch: SourceEpoch, last: RunStart): RunStart {
    const plan = this.#planFor(epoch);
    const ends = this.#endsOf(namesOf(plan));
    // What ends at a key frame that is none does not begin there.
    const margin = this.#keysAreFalse && last.plan.keys === "source" ? FALSE_KEY_SECONDS : 0;
    // From here every track can be continued without a gap; what is published already is dropped again.
    const from = ends.length === 0 ? epoch.begins : epoch.resyncBefore(Math.min(...ends) - last.offsetSeconds - margin);
    // Without recording, what is long ago is deleted.
    if ((from?.offset ?? epoch.init.end) < this.#source.log.start) return this.skip(epoch, last);
    const isSame = plan.keys === last.plan.keys && namesOf(plan).join() === namesOf(last.plan).join();
    return { plan, from, continues: isSame, offsetSeconds: last.offsetSeconds };
  }

  /**
   * Leaves out a plan's dearest picture from now on, for the rest of the broadcast: one that comes and goes with the
   * machine's load would be worse than one that is gone. Undefined when there is none that it can do without.
   */
  drop(plan: EncodePlan): TrackPlan | undefined {
    const dearest = dearestPicture(plan);
    if (dearest !== undefined) this.#dropped.add(dearest.name);
    return dearest;
  }

  /** The run after `last` that leaves out whatever the publisher has sent before the newest resync point. */
  skip(epoch: SourceEpoch, { offsetSeconds }: RunStart): RunStart {
    return { plan: this.#planFor(epoch), from: epoch.newestResync, continues: false, offsetSeconds };
  }

  /**
   * Publisher's time from which on a track of a run is wanted; undefined for all of it. Each goes on where it ended;
   * after a break all pictures begin together, where the last of them ended.
   */
  resumeAt(track: string, { plan, continues, offsetSeconds }: RunStart): number | undefined {
    const pictures = plan.tracks.filter(({ kind }) => kind === "video").map(({ name }) => name);
    const ends = this.#endsOf(pictures.includes(track) && !continues ? pictures : [track]);
    return ends.length === 0 ? undefined : Math.max(...ends) - offsetSeconds;
  }

  /** The publisher's key frames are none that players can begin at: its picture is passed through no more. */
  distrustKeys(): void {
    this.#keysAreFalse = true;
  }

  /** Whether an epoch's key frames come often enough to cut segments at them. */
  keysAreClose(epoch: SourceEpoch): boolean {
    return epoch.longestKeyInterval <= this.#settings.maxKeyIntervalSeconds;
  }

  /**
   * The first epoch keeps the publisher's own times. A later one lies where its bytes arrived, so that the timeline
   * goes on like the clock on the wall, but never before the end of what has been published.
   */
  #offsetFor(epoch: SourceEpoch): number {
    const { segmentSeconds } = this.#settings;
    // Whole segments, so that what begins at 0 begins with a whole one.
    const lead = Math.ceil(MIN_LEAD_SECONDS / segmentSeconds) * segmentSeconds;
    const firstTime = epoch.firstTime ?? 0;
    const first = this.#source.epochs[0];
    const end = this.#outputs.end;
    if (end === undefined || first?.firstTime === undefined) return lead;
    const arrived = first.firstTime + lead + (epoch.arrivedMs - first.arrivedMs) / 1000;
    return Math.round((Math.max(end, arrived) - firstTime) * 1000) / 1000;
  }

  #planFor(epoch: SourceEpoch): EncodePlan {
    const { ladder, audioKbps } = this.#settings;
    const { tracks } = this.#source.epochs[0] ?? epoch;
    const first = tracks.find(({ kind }) => kind === "video");
    this.#mayCopy ??= planEncoding(tracks, { ladder, audioKbps, mayCopy: true }).keys === "source";
    const mayCopy = this.#mayCopy && !this.#keysAreFalse && this.keysAreClose(epoch);
    return planEncoding(epoch.tracks, { ladder, first, audioKbps, mayCopy, dropped: this.#dropped });
  }

  /** Up to where these tracks are published, as far as they are at all. */
  #endsOf(tracks: readonly string[]): number[] {
    return tracks.map((name) => this.#outputs.endOf(name)).filter((end) => end !== undefined);
  }
}

function namesOf({ tracks }: EncodePlan): string[] {
  return tracks.map(({ name }) => name);
}
