import type { LiveClock, LiveRecord, LiveServerMessage, LiveTrack } from "../../../server/protocol/live.ts";
import { nowMs } from "../../ui/server-clock.ts";
import { startPicture } from "../engine.ts";
import { Arrivals, type ArrivalTime } from "./arrivals.ts";
import { IdleSound } from "./idle-sound.ts";
import type { LinkUser, LiveLink, Tracks } from "./link.ts";
import { wallOf } from "./media-clock.ts";
import { MediaSink, mediaSourceClass, type TrackKind } from "./media-sink.ts";
import type { Pictures } from "./pictures.ts";
import { mimeOf, typesOf } from "./track-types.ts";

/**
 * The first picture is taken so far behind the newest media, in seconds. Until the browser plays, more will have come;
 * where it stops for what is missing, enough must be there to play on without a break.
 */
const FIRST_LEAD_SECONDS = { free: 0, alone: 0.1, withSound: 0.2 };
/** What is smaller says nothing about a line. */
const LEAST_BURST_BYTES = 32 * 1024;
/** While the page is still being opened it is too busy to tell when something came. */
const BUSY_MS = 500;
/** A decoder that fails is started anew so many times in a minute. */
const MAX_RECOVERIES = 2;
const RECOVERIES_MS = 60_000;

/** What an intake tells. */
export interface IntakeReport {
  /** The first media is there: from which to which position, in seconds, one can begin. */
  onBegin(first: number, last: number): void;
  /** Media comes. */
  onMedia(): void;
  /** The sound was switched on: from now on the picture goes with it. */
  onHeard(): void;
  onPictures(): void;
  /** So much was left out because the viewer was too slow. */
  onSkipped(): void;
  onTrouble(text: string): void;
  /** This browser cannot play it (media), or it does not get here (blocked). */
  onFailure(kind: "media" | "blocked", text: string): void;
}

/** Takes what comes over a link and puts it into the video element; keeps what it says about clock, pictures and line. */
export class Intake implements LinkUser {
  readonly arrivals = new Arrivals();
  readonly #video: HTMLVideoElement;
  readonly #link: LiveLink;
  readonly #pictures: Pictures;
  readonly #report: IntakeReport;
  #tracks: Tracks | undefined;
  #clock: LiveClock | undefined;
  readonly #sound: IdleSound;
  #sink: MediaSink | undefined;
  #newestPicture = Number.NEGATIVE_INFINITY;
  #offsetMs: number | undefined;
  #hasBegun = false;
  #isOver = false;
  #recoveredMs: number[] = [];
  #skips = 0;
  #listedMs: number | undefined;
  /** What comes before the next track list is for a player that is no more. */
  #isStale = false;
  #burst: number | undefined;

  constructor(video: HTMLVideoElement, link: LiveLink, pictures: Pictures, report: IntakeReport) {
    this.#video = video;
    this.#link = link;
    this.#pictures = pictures;
    this.#report = report;
    this.#sound = new IdleSound({ video, sink: () => this.#sink, onHeard: () => this.#isOver || report.onHeard() });
  }

  get broadcast(): string | undefined {
    return this.#tracks?.broadcast;
  }

  /** Which Unix time belongs to a media time; undefined before the server has said. */
  get clock(): LiveClock | undefined {
    return this.#clock;
  }

  /** Times that the server left something out. */
  get skips(): number {
    return this.#skips;
  }

  /** The broadcast is over; what was sent plays out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** There is sound, and nobody hears it: the picture does not wait for it. */
  get isSoundIdle(): boolean {
    return this.#sound.isIdle;
  }

  /** Whether there is a track of this kind. */
  has(kind: TrackKind): boolean {
    return this.#sink?.has(kind) ?? false;
  }

  /** For how long nothing at all has come of what was announced, in ms. */
  get expectingMs(): number {
    return this.#listedMs === undefined || this.#isOver ? 0 : nowMs() - this.#listedMs;
  }

  onWords(words: LiveServerMessage): void {
    if (words.type === "tracks") this.#onTracks(words);
    else if (words.type === "timeline") this.#setClock(words.clock);
    else if (words.type === "switched") this.#onSwitched(words.video);
    else if (words.type === "skipped") {
      this.#skips = words.times;
      this.#report.onSkipped();
    }
  }

  onRecords(records: readonly LiveRecord[], bytes: number): void {
    if (this.#clock === undefined || this.#isStale) return;
    if (this.#listedMs !== undefined) this.#burst = burstOf(bytes, nowMs() - this.#listedMs);
    this.#listedMs = undefined;
    this.arrivals.addBytes(nowMs(), bytes);
    const at = { nowMs: nowMs(), offsetMs: this.#link.clock.offsetMs, clock: this.#clock };
    for (const record of records) this.#take(record, at);
    if (this.#isStale) return;
    this.#sound.fillTo(this.#newestPicture);
    if (!this.#hasBegun) this.#begin(records);
    this.#report.onMedia();
  }

  /** How quickly what was ready at the last beginning came, in bit/s, where it can be told; only once. */
  takeBurst(): number | undefined {
    const burst = this.#burst;
    this.#burst = undefined;
    return burst;
  }

  onLost(text: string): void {
    this.#listedMs = undefined;
    this.#report.onTrouble(`${text}. Trying again…`);
  }

  onBlocked(text: string): void {
    this.#report.onFailure("blocked", `The low-latency socket does not work here: ${text}`);
  }

  onOver(): void {
    this.#isOver = true;
    this.#sound.unfill();
    this.#sink?.end();
  }

  /** What was sent before is late for no fault of the line. */
  expectOld(): void {
    this.arrivals.beginAt(nowMs());
  }

  /** The clocks may have been found to be further apart than was known. */
  followClock(): void {
    const { offsetMs } = this.#link.clock;
    if (offsetMs !== undefined && this.#offsetMs !== undefined) this.arrivals.shift(offsetMs - this.#offsetMs);
    this.#offsetMs = offsetMs;
  }

  /** Forgets what lies before a position, in seconds. */
  trim(before: number): void {
    this.#sink?.trim(before);
  }

  close(): void {
    this.#sound.close();
    this.#sink?.close();
  }

  /** The decoder has failed: it is started anew, a few times. */
  recover(text: string): void {
    this.#recoveredMs = [...this.#recoveredMs.filter((ms) => ms > nowMs() - RECOVERIES_MS), nowMs()];
    const isHopeless = this.#recoveredMs.length > MAX_RECOVERIES;
    if (isHopeless || this.#tracks === undefined) return this.#report.onFailure("media", text);
    this.#report.onTrouble(`${text}. Starting the player anew…`);
    this.#openSink(typesOf(this.#tracks));
    this.#isStale = true;
    this.#link.restart();
  }

  #onTracks(tracks: Tracks): void {
    this.#tracks = tracks;
    this.#isStale = false;
    this.#pictures.list(tracks);
    this.#link.video = this.#pictures.playing;
    this.#setClock(tracks.clock);
    this.expectOld();
    this.#listedMs ??= nowMs();
    const types = typesOf(tracks);
    const kinds = (known: Iterable<TrackKind>) => [...known].sort().join();
    if (this.#sink === undefined || kinds(this.#sink.kinds) !== kinds(types.keys())) this.#openSink(types);
    this.#report.onPictures();
  }

  #openSink(types: ReadonlyMap<TrackKind, string>): void {
    const unknown = [...types.values()].find((mime) => mediaSourceClass()?.isTypeSupported(mime) !== true);
    if (unknown !== undefined) return this.#report.onFailure("media", `This browser cannot play ${unknown}`);
    const wasPaused = this.#sink !== undefined && this.#video.paused;
    this.#sink?.close();
    this.#hasBegun = false;
    this.#sound.reset();
    this.#sink = new MediaSink({ video: this.#video, types, onFailure: (text) => this.recover(text) });
    if (!wasPaused) startPicture(this.#video);
  }

  #onSwitched(video: number | null): void {
    this.#pictures.switched(video);
    this.#listedMs = nowMs();
    this.#link.video = this.#pictures.playing;
    this.arrivals.forget("video");
    this.expectOld();
    this.#report.onPictures();
  }

  #setClock(clock: LiveClock): void {
    if (this.#clock !== undefined) this.arrivals.shift(wallOf(this.#clock, 0) - wallOf(clock, 0));
    this.#clock = clock;
  }

  #take({ kind, track: index, key, time, payload }: LiveRecord, at: ArrivalTime): void {
    const track = this.#trackOf(index);
    if (track === undefined || this.#isStale) return;
    if (kind === "init") return this.#sink?.push(track.kind, { kind, mime: mimeOf(track), bytes: payload });
    this.#sink?.push(track.kind, { kind, key, bytes: payload });
    this.arrivals.add(track.kind, time, at);
    if (track.kind === "audio") this.#sound.note({ time, bytes: payload });
    else this.#newestPicture = time;
  }

  /** Where playing can begin: from the first picture on, and as near to the end as there is enough of what is needed. */
  #begin(records: readonly LiveRecord[]): void {
    const chunks = records.filter(({ kind }) => kind === "chunk");
    const timesOf = (wanted: TrackKind) =>
      chunks.filter(({ track }) => this.#trackOf(track)?.kind === wanted).map(({ time }) => time);
    const kinds = [timesOf("video"), timesOf("audio")].filter((times) => times.length > 0);
    const [first] = kinds;
    if (first === undefined) return;
    this.#hasBegun = true;
    const needed = this.isSoundIdle ? [first] : kinds;
    const last = Math.min(...needed.map((times) => Math.max(...times)));
    const alone = this.has("audio") ? "withSound" : "alone";
    this.#report.onBegin(Math.min(...first), last - FIRST_LEAD_SECONDS[this.isSoundIdle ? "free" : alone]);
    this.arrivals.beginAt(nowMs() + BUSY_MS);
  }

  #trackOf(index: number): LiveTrack | undefined {
    return this.#tracks?.tracks.find((track) => track.index === index);
  }
}

/** Words and media are sent in one go, so the time between them is that of the media on the line. */
function burstOf(bytes: number, tookMs: number): number | undefined {
  return bytes < LEAST_BURST_BYTES ? undefined : (bytes * 8000) / Math.max(1, tookMs);
}
