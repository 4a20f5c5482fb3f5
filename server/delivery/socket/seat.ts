import type { Group, GroupMember } from "./group.ts";
import type { MediaMessage } from "./message.ts";
import type { Viewer } from "./viewer.ts";

/** Two renditions' times of one frame are never further apart. In seconds. */
const EPSILON = 0.002;

/** A viewer's place in a broadcast: which picture it gets, and which one it waits for. */
export class Seat implements GroupMember {
  readonly viewer: Viewer;
  /** Where it begins. */
  join: "newest" | "next";
  /** The picture it gets, by its track's name. */
  picture: string | null = null;
  group: Group | undefined;
  /** The picture it waits for, and since when in media time that can be had. */
  next: { readonly picture: string | null; readonly keyTime: number | undefined } | undefined;
  #needsStart = true;
  #onOffered: () => void = () => {};

  constructor(viewer: Viewer, join: "newest" | "next") {
    this.viewer = viewer;
    this.join = join;
  }

  /** Takes its place in a group. `onOffered` is called after each message. */
  begin(picture: string | null, group: Group, onOffered: () => void): void {
    this.picture = picture;
    this.group = group;
    this.#needsStart = true;
    this.#onOffered = onOffered;
    group.add(this);
  }

  /** All pictures before `time` have been sent to it. */
  isAt(time: number): boolean {
    return this.viewer.pictureEnd >= time - EPSILON;
  }

  offer(message: MediaMessage): void {
    if (this.#needsStart && !message.isStart) return;
    this.#needsStart = false;
    this.viewer.offer(message);
    this.#onOffered();
  }
}
