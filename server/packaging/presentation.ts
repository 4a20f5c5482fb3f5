import { wallMs } from "../core/clock.ts";
import { Pulse } from "../core/pulse.ts";
import type { JournalRun } from "./journal.ts";
import { LiveClock } from "./live-clock.ts";
import { type MediaEvent, MediaEvents } from "./media-events.ts";
import { NumberGrids } from "./number-grid.ts";
import type { Past } from "./past.ts";
import { RunPlaces } from "./run-places.ts";
import type { Chunk, RunInit, Segment } from "./segment.ts";
import { type Anchor, Timeline } from "./timeline.ts";
import { Track } from "./track.ts";

/** What a run of the encoder makes, as packaging needs it. */
export interface RunTracks {
  readonly tracks: readonly { readonly name: string; readonly kind: "video" | "audio"; readonly copy: boolean }[];
  readonly continues: boolean;
  readonly anchor: Anchor;
  /** No segment may be longer; fixed by the first run, since TARGETDURATION must not change. */
  readonly longestSegmentSeconds: number;
  /** Called when a key frame of what is passed through is none that a player can begin at; it is not taken for one. */
  readonly onFalseKey?: (() => void) | undefined;
  /** What it encodes: kept for a later life of the server. */
  readonly place: JournalRun["place"];
}

/** Keeps what a recording needs beside the window. */
export interface SegmentKeeper {
  run(run: JournalRun): void;
  init(track: string, init: RunInit): void;
  /** Also told of gaps, which have no bytes. */
  segment(track: string, segment: Segment): void;
}

/** Is told of every chunk the moment it can be sent to viewers. Must not throw. */
export interface ChunkFollower {
  /** The chunk is the newest of the track's open segment. */
  grew(track: Track, chunk: Chunk): void;
  /** Media times belong to other Unix times from now on, see {@link LiveClock}. */
  clockMoved(): void;
  /** Something was seen or heard, or a range is over that was told of before. */
  noted(event: MediaEvent): void;
  /** Nothing more will come. */
  ended(): void;
}

/** How a broadcast is cut and how much of it is kept. In seconds. */
export interface PresentationOptions {
  readonly segmentSeconds: number;
  readonly partSeconds: number;
  readonly windowSeconds: number;
  /** Undefined when nothing is recorded. */
  readonly keeper: SegmentKeeper | undefined;
  /** What an earlier life of the server published: the recording has it, and viewers get what comes after it. */
  readonly past?: Past | undefined;
}

/** A track that has nothing to list is waited for this long, in segments of the others, before it is left out. */
const SEGMENTS_TO_WAIT = 2;

/** Everything that viewers can ask for of one broadcast: its tracks, cut alike. */
export class Presentation {
  /** Fires whenever a part or a segment is there, and at the end. */
  readonly moved = new Pulse();
  readonly timeline: Timeline;
  /** Which segments can be told by their numbers alone. */
  readonly grids: NumberGrids;
  readonly clock = new LiveClock();
  readonly events = new MediaEvents();
  /** Where the publisher's containers lie on the timeline. */
  readonly places = new RunPlaces();
  readonly #options: PresentationOptions;
  readonly #tracks = new Map<string, Track>();
  readonly #followers = new Set<ChunkFollower>();
  #planned: readonly string[] = [];
  #nextRun = 0;
  #targetSeconds = 1;
  #version = 0;
  #ended = false;

  constructor(options: PresentationOptions) {
    this.#options = options;
    this.timeline = new Timeline(options.segmentSeconds, options.past?.last);
    this.grids = new NumberGrids(options.segmentSeconds, this.timeline);
    const { past } = options;
    if (past === undefined) return;
    this.#nextRun = past.nextRun;
    this.#targetSeconds = past.targetSeconds;
    for (const track of past.tracks) this.#open(track.name, track.kind).restore(track);
    for (const event of past.events) this.events.add(event);
    for (const name of past.retired) this.#tracks.get(name)?.retire();
  }

  /** Changes whenever a playlist or manifest would read differently. */
  get version(): number {
    return this.#version;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get windowSeconds(): number {
    return this.#options.windowSeconds;
  }

  /** EXT-X-TARGETDURATION: a whole number of seconds that no segment's length rounds to more than. */
  get targetSeconds(): number {
    return this.#targetSeconds;
  }

  /** Tracks with at least one segment that is listed, in the end with any; pictures first. Only what is still made. */
  get tracks(): Track[] {
    return this.allTracks.filter((track) => !track.isRetired);
  }

  /** The same with those that are not made any more. */
  get allTracks(): Track[] {
    const { ended } = this;
    return [...this.#tracks.values()].filter(
      ({ window, init }) => (ended ? window.count : window.listedCount) > 0 && init !== undefined,
    );
  }

  /** Everything that is made and has an init segment, whether a segment of it is complete or not; pictures first. */
  get begun(): Track[] {
    return [...this.#tracks.values()].filter((track) => track.hasBegun && !track.isRetired);
  }

  /** A track's place among all that there ever were; never changes. */
  indexOf(track: Track): number {
    return [...this.#tracks.values()].indexOf(track);
  }

  /** What the newest run of the encoder is to make has an init segment. */
  get hasBegun(): boolean {
    return this.#planned.length > 0 && this.#planned.every((name) => this.#tracks.get(name)?.hasBegun === true);
  }

  /** How many are told of every chunk. */
  get followers(): number {
    return this.#followers.size;
  }

  /** Tells `follower` of every chunk from now on, until what is returned is disposed. */
  follow(follower: ChunkFollower): Disposable {
    this.#followers.add(follower);
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) };
  }

  track(name: string): Track | undefined {
    return this.#tracks.get(name);
  }

  /** The end of the track that has come furthest, in seconds on the timeline; undefined before anything came. */
  get end(): number | undefined {
    const ends = [...this.#tracks.values()].map((track) => track.end).filter((end) => end !== undefined);
    return ends.length === 0 ? undefined : Math.max(...ends);
  }

  /** There is something to play: every track has a segment, or those that have one have waited for the others. */
  get isReady(): boolean {
    const counts = this.#planned.map((name) => this.#tracks.get(name)?.window.listedCount ?? 0);
    const most = Math.max(0, ...counts);
    return most > 0 && (this.#ended || most > SEGMENTS_TO_WAIT || counts.every((count) => count > 0));
  }

  /** A new run of the encoder; returns its number, which is part of every media address. */
  startRun(run: RunTracks): number {
    const number = this.#nextRun++;
    // Fixed by the first run, unless the settings are others in a later life of the server.
    if (this.#planned.length === 0) {
      this.#targetSeconds = Math.max(this.#targetSeconds, Math.ceil(run.longestSegmentSeconds));
    }
    this.#planned = run.tracks.map((track) => track.name);
    const { targetSeconds } = this;
    this.#options.keeper?.run({ run: number, tracks: [...this.#planned], targetSeconds, place: run.place });
    const followsVideo = run.tracks.some((track) => track.kind === "video");
    if (followsVideo) this.#retireOthers();
    const { continues } = run;
    // A grid of forced keys is never further off than a frame, however long that is.
    const followsSource = run.tracks.some((track) => track.copy);
    this.grids.startRun(followsSource);
    const longestSegmentSeconds = followsSource ? run.longestSegmentSeconds : Number.POSITIVE_INFINITY;
    this.timeline.startRun({ ...run, longestSegmentSeconds });
    this.clock.start(run.anchor);
    this.places.note(run.place.epoch, { offsetSeconds: run.place.offsetSeconds, anchor: run.anchor });
    const { onFalseKey } = run;
    const shared = { number, continues, followsVideo, longestSegmentSeconds, targetSeconds, onFalseKey };
    for (const { name, kind, copy } of run.tracks) this.#open(name, kind).startRun({ ...shared, copy });
    return number;
  }

  /** The broadcast is over: what is open is closed and listed, and nothing will follow. */
  finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const track of this.#tracks.values()) track.finish();
    this.#moved();
    for (const follower of this.#followers) follower.ended();
  }

  /** Something was seen or heard: playlists and manifests tell of it from the next part on. */
  note(event: MediaEvent): void {
    this.events.add(event);
    this.#version++;
    for (const follower of this.#followers) follower.noted(event);
  }

  /** A picture has come: sound that waited for it may go. */
  wakeSound(): void {
    for (const track of this.#tracks.values()) track.wake();
  }

  /** Pictures that are not made any more while others are: the encoder could not make all of them. */
  #retireOthers(): void {
    const others = [...this.#tracks.values()].filter(
      ({ kind, name, isRetired }) => kind === "video" && !isRetired && !this.#planned.includes(name),
    );
    for (const track of others) track.retire();
    if (others.length > 0) this.#moved();
  }

  #open(name: string, kind: "video" | "audio"): Track {
    const known = this.#tracks.get(name);
    if (known !== undefined) return known;
    const { partSeconds, windowSeconds, keeper } = this.#options;
    const track = new Track({
      name,
      kind,
      timeline: this.timeline,
      partSeconds,
      windowSeconds,
      listener: {
        moved: () => this.#moved(),
        grew: (_, chunk) => this.#grew(track, chunk),
        initialised: (_, init) => keeper?.init(name, init),
        completed: (_, segment) => keeper?.segment(name, segment),
      },
    });
    this.#tracks.set(name, track);
    return track;
  }

  #grew(track: Track, chunk: Chunk): void {
    for (const follower of this.#followers) follower.grew(track, chunk);
    if (track.kind !== "video" || track.end === undefined || !this.clock.arrived(track.end, wallMs())) return;
    for (const follower of this.#followers) follower.clockMoved();
  }

  #moved(): void {
    this.#version++;
    const { end = 0 } = this;
    for (const track of this.#tracks.values()) if (track.isRetired) track.window.expire(end);
    this.moved.fire();
  }
}
