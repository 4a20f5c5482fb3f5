import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Client, isGood, textOf } from "../client.ts";
import { type ClockReading, readClocks, wallOf } from "./clock.ts";
import { liveRepresentations, type MediaSegment, type Mpd, type Representation } from "./mpd.ts";
import { readMpd } from "./read-mpd.ts";
import { segmentsOf } from "./segments.ts";
import { childrenNamed } from "./xml.ts";

/** A manifest, and when it came. */
export interface ManifestRecord {
  readonly mpd: Mpd;
  readonly answer: Answer;
}

/** A segment that was asked for while it was made, and again when it was complete. */
export interface ProgressRecord {
  readonly segment: MediaSegment;
  readonly answer: Answer;
  /** What came when it was asked for again. */
  again: Answer | undefined;
}

/** Refreshed more often than players have to, to see when something changes. */
const REFRESHES_IN_A_PERIOD = 3;
const SHORTEST_REFRESH_MS = 250;
const LONGEST_REFRESH_MS = 2_000;
/** How far ahead a segment is waited for. */
const AHEAD_MS = 4_000;
/** Share of its time after which a segment is too old to show how it comes: one that is not regular may be over soon. */
const FRESH = 1 / 3;
const POLL_MS = 50;
/** Timers fire a little early at times. */
const CLOCK_MS = 10;

/** Follows one manifest, and asks for segments the moment they begin to be available. */
export class DashWatch {
  readonly url: string;
  readonly manifests: ManifestRecord[] = [];
  readonly refusals: Answer[] = [];
  readonly progress: ProgressRecord[] = [];
  readonly client: Client;
  clocks: readonly ClockReading[] = [];

  readonly #slackMs: number;

  constructor(url: string, client: Client, slackMs: number) {
    this.url = url;
    this.client = client;
    this.#slackMs = slackMs;
  }

  /** The newest manifest; there is one once {@link load} has answered nothing. */
  get latest(): Mpd {
    const last = this.manifests.at(-1);
    if (last === undefined) throw new Error("no manifest was seen");
    return last.mpd;
  }

  /** Unix time in ms on the clock that the manifest names, at a moment on the clock of `performance.now()`. */
  wall(at = performance.now()): number {
    return wallOf(at) + (this.clocks.find(({ offsetMs }) => offsetMs !== undefined)?.offsetMs ?? 0);
  }

  /** Takes note of an answer; a reason when it is no manifest. */
  take(answer: Answer): string | undefined {
    const mpd = isGood(answer) ? readMpd(answer.url, textOf(answer)) : undefined;
    if (mpd === undefined || typeof mpd === "string") {
      this.refusals.push(answer);
      return mpd ?? "it did not come";
    }
    this.manifests.push({ mpd, answer });
    return undefined;
  }

  async load(): Promise<string | undefined> {
    const [location] = this.manifests.length === 0 ? [] : childrenNamed(this.latest.root, "Location");
    const url =
      location !== undefined && URL.canParse(location.text, this.url)
        ? new URL(location.text, this.url).href
        : this.url;
    return this.take(await this.client.get(url));
  }

  /** Asks the clocks, then refreshes the manifest and follows segments in progress until `until`. */
  async follow(until: number): Promise<void> {
    this.clocks = await readClocks(this.latest, this.client);
    const ids = liveRepresentations(this.latest).map(({ id }) => id);
    await Promise.all([this.#refresh(until), ...ids.map((id) => this.#followSegments(id, until))]);
  }

  async #refresh(until: number): Promise<void> {
    while (performance.now() < until && this.latest.dynamic && !this.client.signal.aborted) {
      const period = (1000 * (this.latest.minimumUpdatePeriod ?? 0)) / REFRESHES_IN_A_PERIOD;
      const pause = Math.min(LONGEST_REFRESH_MS, Math.max(SHORTEST_REFRESH_MS, period));
      await sleep(Math.min(pause, Math.max(0, until - performance.now())));
      await this.load();
    }
  }

  async #followSegments(id: string, until: number): Promise<void> {
    let lastNumber = Number.NEGATIVE_INFINITY;
    while (performance.now() < until && this.latest.dynamic && !this.client.signal.aborted) {
      const segment = this.#next(id, lastNumber);
      if (segment === undefined) {
        await sleep(POLL_MS);
        continue;
      }
      lastNumber = segment.number;
      const answer = await this.#ask(segment);
      const record: ProgressRecord = { segment, answer, again: undefined };
      this.progress.push(record);
      await sleep(Math.max(0, segment.completeFrom - this.wall()));
      record.again = await this.client.get(segment.url);
    }
  }

  /** Asks when it begins to be available; once more when the two clocks may have disagreed on that moment. */
  async #ask({ url, availableFrom }: MediaSegment): Promise<Answer> {
    await sleep(Math.max(0, availableFrom + CLOCK_MS - this.wall()));
    const answer = await this.client.get(url);
    const fairMs = availableFrom + CLOCK_MS + this.#slackMs - this.wall();
    if (isGood(answer) || fairMs <= 0) return answer;
    await sleep(fairMs);
    return this.client.get(url);
  }

  /** The next segment that arrives while it is made, and has only begun. */
  #next(id: string, after: number): MediaSegment | undefined {
    const period = this.latest.periods.at(-1);
    const representation = period?.representations.find((one) => one.id === id);
    if (period === undefined || representation === undefined || !isLowLatency(representation)) return undefined;
    const now = this.wall();
    return segmentsOf(this.latest, period, representation, now, AHEAD_MS).find(
      (segment) => segment.number > after && isFresh(segment, now),
    );
  }
}

/** A segment has only begun, at a time on the clock that its manifest names. */
export function isFresh({ availableFrom, completeFrom }: MediaSegment, wall: number): boolean {
  return wall < availableFrom + (completeFrom - availableFrom) * FRESH;
}

/** Its segments can be asked for before they are complete. */
export function isLowLatency({ template }: Representation): boolean {
  return template !== undefined && template.availabilityTimeOffset > 0;
}
