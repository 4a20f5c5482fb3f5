import type { Group, GroupMember } from "./group.ts";
import type { MediaMessage } from "./message.ts";
import type { Viewer } from "./viewer.ts";

/** The picture that a viewer waits for. */
export interface NextPicture {
  readonly picture: string | null;
  /** Where it is to begin, once the picture before has stopped there; in seconds on the broadcast's timeline. */
  readonly from: number | undefined;
}

/** A viewer's place in a broadcast: which picture it gets, and which one it waits for. */
export class Seat implements GroupMember {
  readonly viewer: Viewer;
  /** Where it begins. */
  join: "newest" | "next";
  /** The picture it gets, by its track's name. */
  picture: string | null = null;
  group: Group | undefined;
  next: NextPicture | undefined;
  #needsStart = true;
  #leavesAt: (keyTime: number) => boolean = () => false;

  constructor(viewer: Viewer, join: "newest" | "next") {
    this.viewer = viewer;
    this.join = join;
  }

  /** Takes its place in a group. `leavesAt` is asked before each key frame; when it says yes, nothing of it is sent. */
  begin(picture: string | null, group: Group, leavesAt: (keyTime: number) => boolean): void {
    this.picture = picture;
    this.group = group;
    this.#needsStart = true;
    this.#leavesAt = leavesAt;
    group.add(this);
  }

  offer(message: MediaMessage): void {
    if (this.#needsStart && !message.isStart) return;
    // What it was begun with is no place to leave at.
    if (!this.#needsStart && message.keyTime !== undefined && this.#leavesAt(message.keyTime)) return;
    this.#needsStart = false;
    this.viewer.offer(message);
  }
}
