import { monotonicMs } from "../../core/clock.ts";
import type { LiveEntry } from "../../packaging/live-store.ts";
import type { MediaEvent } from "../../packaging/media-events.ts";
import type { ChunkFollower, Presentation } from "../../packaging/presentation.ts";
import type { Chunk, RunInit } from "../../packaging/segment.ts";
import type { Track } from "../../packaging/track.ts";
import type { LiveTrack } from "../../protocol/live.ts";
import { Group } from "./group.ts";
import { endOf, joinMessage, SAME_SECONDS } from "./join.ts";
import type { SocketChunk } from "./message.ts";
import { Seat } from "./seat.ts";
import { describeTracks, signatureOf } from "./track-list.ts";
import type { Viewer } from "./viewer.ts";

/** A track that is planned but does not come, such as a silent microphone, is waited for this long. */
const PATIENCE_MS = 1_000;
/** Times this far apart do not follow each other. In seconds. */
const HOLE_SECONDS = 0.1;

/** What a feed is made with. */
export interface FeedOptions {
  readonly batchMs: number;
  /** Where viewers begin who do not say. */
  readonly join: "newest" | "next";
}

/** What was last sent of a track. */
interface Sent {
  readonly init: RunInit;
  readonly end: number;
}

/** One broadcast on its way to the viewers of its socket: one group for each picture, one message for each group. */
export class Feed implements ChunkFollower, Disposable {
  readonly #presentation: Presentation;
  readonly #entry: LiveEntry;
  readonly #options: FeedOptions;
  readonly #seats = new Map<Viewer, Seat>();
  readonly #groups = new Map<string | null, Group>();
  readonly #sent = new Map<Track, Sent>();
  readonly #following: Disposable;
  readonly #onEnded: (viewers: readonly Viewer[]) => void;
  #sinceMs: number | undefined;
  #isReady = false;
  #told = "";

  constructor(entry: LiveEntry, options: FeedOptions, onEnded: (viewers: readonly Viewer[]) => void) {
    this.#entry = entry;
    this.#presentation = entry.presentation;
    this.#options = options;
    this.#onEnded = onEnded;
    this.#following = entry.presentation.follow(this);
    this.#isReady = entry.presentation.hasBegun;
  }

  get viewers(): readonly Viewer[] {
    return [...this.#seats.keys()];
  }

  /** Seats a viewer: at once at the newest key frame or with the next one. */
  add(viewer: Viewer, join = this.#options.join): void {
    viewer.startAnew();
    const seat = new Seat(viewer, join);
    this.#seats.set(viewer, seat);
    if (this.#isReady) this.#welcome(seat);
    else viewer.tell({ type: "waiting", reason: "starting" });
  }

  remove(viewer: Viewer): void {
    const seat = this.#seats.get(viewer);
    this.#seats.delete(viewer);
    if (seat !== undefined) this.#leave(seat);
  }

  /** The viewer wants another picture: it gets it from its next key frame on. */
  choose(viewer: Viewer, video: string | null): void {
    const seat = this.#seats.get(viewer);
    const track = video === null ? undefined : this.#presentation.track(video);
    const isMade = track?.kind === "video" && !track.isRetired;
    if (seat === undefined || (video !== null && !isMade)) return;
    viewer.wanted = video;
    // Between two pictures a viewer is in no group: the old one then is as new as any other.
    const hasIt = seat.picture === video && seat.group !== undefined;
    seat.next = hasIt ? undefined : { picture: video, from: undefined };
    if (video === null && this.#isReady) this.#switch(seat, null);
  }

  /** Sends nothing until {@link resume}. */
  pause(viewer: Viewer): void {
    const seat = this.#seats.get(viewer);
    if (seat === undefined || viewer.paused) return;
    viewer.paused = true;
    this.#leave(seat);
  }

  resume(viewer: Viewer): void {
    const seat = this.#seats.get(viewer);
    if (seat === undefined || !viewer.paused) return;
    viewer.paused = false;
    if (this.#isReady) this.#sit(seat, seat.picture);
  }

  grew(track: Track, chunk: Chunk): void {
    const sent = this.#send(track, chunk);
    if (sent === undefined || this.#seats.size === 0) return;
    if (!this.#isReady) return this.#begin();
    if (this.#changes(track)) {
      for (const seat of this.#seats.values()) this.#moveOn(seat);
      this.#tellTracks();
    }
    for (const [picture, group] of this.#groups) {
      if (track.kind === "audio" || picture === track.name) group.push(sent);
    }
    if (track.kind === "video" && chunk.key) this.#offerKey(track.name, chunk.time / sent.init.info.timescale);
  }

  clockMoved(): void {
    const clock = this.#clock;
    for (const viewer of this.#seats.keys()) viewer.tell({ type: "timeline", clock });
  }

  noted(event: MediaEvent): void {
    for (const viewer of this.#seats.keys()) viewer.tell({ type: "event", event });
  }

  ended(): void {
    const viewers = this.viewers;
    for (const group of this.#groups.values()) group.flush();
    for (const viewer of viewers) viewer.tell({ type: "ended", broadcast: this.#entry.broadcast });
    this[Symbol.dispose]();
    this.#onEnded(viewers);
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    for (const group of this.#groups.values()) group[Symbol.dispose]();
    this.#groups.clear();
    this.#seats.clear();
  }

  get #clock() {
    const { seconds, wallMs } = this.#presentation.clock.anchor;
    return { mediaSeconds: seconds, wallMs };
  }

  #begin(): void {
    this.#sinceMs ??= monotonicMs();
    this.#isReady = this.#presentation.hasBegun || monotonicMs() - this.#sinceMs > PATIENCE_MS;
    if (this.#isReady) for (const seat of this.#seats.values()) this.#welcome(seat);
  }

  #welcome(seat: Seat): void {
    const wanted = seat.viewer.wanted;
    const pictures = this.#presentation.begun.filter(({ kind }) => kind === "video");
    const [picture] = [...pictures.filter(({ name }) => name === wanted), ...pictures];
    seat.picture = wanted === null ? null : (picture?.name ?? null);
    this.#tell(seat, this.#tracks());
    if (!seat.viewer.paused) this.#sit(seat, seat.picture);
  }

  /** Puts a viewer into a group, with what it needs to begin. */
  #sit(seat: Seat, picture: string | null, from?: number): void {
    const group = this.#groups.get(picture) ?? new Group(picture !== null, this.#options.batchMs);
    this.#groups.set(picture, group);
    seat.begin(picture, group, (keyTime) => this.#leaveAt(seat, keyTime));
    const start = seat.join === "newest" ? joinMessage(this.#presentation, picture, from) : undefined;
    if (start !== undefined) seat.offer(start);
    // Only the first time: who comes back from a pause or changes the picture waits for nothing.
    seat.join = "newest";
  }

  #leave(seat: Seat): void {
    const { group, picture } = seat;
    seat.group = undefined;
    group?.delete(seat);
    if (group?.size !== 0) return;
    group[Symbol.dispose]();
    this.#groups.delete(picture);
  }

  #send(track: Track, chunk: Chunk): SocketChunk | undefined {
    const init = track.open?.init;
    if (init === undefined) return undefined;
    const last = this.#sent.get(track);
    const isHole = Math.abs(chunk.decodeTime / init.info.timescale - (last?.end ?? 0)) > HOLE_SECONDS;
    this.#sent.set(track, { init, end: endOf(chunk, track) });
    const breaks = last?.init !== init || isHole;
    return { kind: track.kind, track: this.#presentation.indexOf(track), init, chunk, breaks };
  }

  /** A key frame of a picture: who waits for it and has stopped with the one before, or had none, moves there. */
  #offerKey(picture: string, keyTime: number): void {
    for (const seat of [...this.#seats.values()]) {
      if (seat.next?.picture !== picture || keyTime < (seat.next.from ?? keyTime) - SAME_SECONDS) continue;
      if (seat.picture === null || seat.group === undefined) this.#switch(seat, picture);
    }
  }

  /**
   * A viewer who waits for another picture stops with this one where a key frame of both is, and gets nothing of it from
   * there on: a decoder that has begun with one picture's seconds can go over to the other's only at the next key frame,
   * and between them nothing would be shown.
   */
  #leaveAt(seat: Seat, keyTime: number): boolean {
    const track = this.#presentation.track(seat.next?.picture ?? "");
    if (seat.next === undefined || track === undefined) return false;
    const timescale = track.init?.info.timescale ?? 1;
    const isThere = track.open?.chunks.some(({ key, time }) => key && time / timescale >= keyTime - SAME_SECONDS);
    if (isThere === true) this.#switch(seat, track.name, keyTime);
    else {
      this.#leave(seat);
      seat.next = { picture: track.name, from: keyTime };
    }
    return true;
  }

  /** A picture that is not made any more: who has it gets the next one of the ladder, from its next key frame on. */
  #moveOn(seat: Seat): void {
    if (seat.next !== undefined && this.#isRetired(seat.next.picture)) seat.next = undefined;
    if (!this.#isRetired(seat.picture)) return;
    const pictures = this.#presentation.begun.filter(({ kind }) => kind === "video");
    const retired = this.#presentation.track(seat.picture ?? "");
    const place = retired === undefined ? 0 : this.#presentation.indexOf(retired);
    const [next] = [...pictures.filter((each) => this.#presentation.indexOf(each) > place), ...pictures];
    this.#leave(seat);
    seat.picture = next?.name ?? null;
    seat.next ??= { picture: seat.picture, from: undefined };
  }

  #isRetired(picture: string | null): boolean {
    return picture !== null && this.#presentation.track(picture)?.isRetired === true;
  }

  #switch(seat: Seat, picture: string | null, from?: number): void {
    this.#leave(seat);
    seat.next = undefined;
    seat.picture = picture;
    if (seat.viewer.paused) return;
    const track = picture === null ? undefined : this.#presentation.track(picture);
    seat.viewer.tell({ type: "switched", video: track === undefined ? null : this.#presentation.indexOf(track) });
    this.#sit(seat, picture, from);
  }

  /** The list of tracks may read differently: a decoder changed, or a segment was measured. */
  #changes(track: Track): boolean {
    return track.open?.chunks.length === 1 && signatureOf(this.#tracks()) !== this.#told;
  }

  #tracks(): LiveTrack[] {
    return describeTracks(this.#presentation);
  }

  #tellTracks(): void {
    const tracks = this.#tracks();
    for (const seat of this.#seats.values()) this.#tell(seat, tracks);
  }

  #tell(seat: Seat, tracks: LiveTrack[]): void {
    this.#told = signatureOf(tracks);
    const audio = tracks.find(({ kind }) => kind === "audio");
    const video = tracks.find(({ name }) => name === seat.picture);
    const { broadcast, channel } = this.#entry;
    const now = { video: video?.index ?? null, audio: audio?.index ?? null, clock: this.#clock };
    seat.viewer.tell({ type: "tracks", broadcast, channel, tracks, ...now });
  }
}
