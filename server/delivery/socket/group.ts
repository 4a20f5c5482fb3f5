import { monotonicMs } from "../../core/clock.ts";
import { type MediaMessage, mediaMessage, type SocketChunk } from "./message.ts";

/** Sound that comes alone waits this long for a picture to ride with: shorter than two pictures are apart. */
const SOUND_WAIT_MS = 25;

/** Takes the messages of a group. */
export interface GroupMember {
  offer(message: MediaMessage): void;
}

/**
 * The viewers of one picture with its sound: what comes in one turn of the event loop goes out as one message, built
 * once. A key frame begins a message, so that viewers can begin with it.
 */
export class Group implements Disposable {
  readonly #hasPicture: boolean;
  readonly #batchMs: number;
  readonly #members = new Set<GroupMember>();
  #waiting: SocketChunk[] = [];
  #sentAtMs = 0;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `batchMs`: messages are at least this far apart; 0 sends what came in one turn of the event loop. */
  constructor(hasPicture: boolean, batchMs: number) {
    this.#hasPicture = hasPicture;
    this.#batchMs = batchMs;
  }

  get size(): number {
    return this.#members.size;
  }

  /** What has been gathered is for those who were there before. */
  add(member: GroupMember): void {
    this.flush();
    this.#members.add(member);
  }

  delete(member: GroupMember): void {
    this.#members.delete(member);
  }

  push(chunk: SocketChunk): void {
    const beginsAnew = chunk.kind === "video" && chunk.chunk.key;
    if (beginsAnew || this.#waiting.some(({ kind, init }) => kind === chunk.kind && init !== chunk.init)) this.flush();
    this.#waiting.push(chunk);
    const dueMs = this.#sentAtMs + this.#batchMs - monotonicMs();
    this.#schedule(chunk.kind === "video" ? dueMs : Math.max(dueMs, SOUND_WAIT_MS));
  }

  /** Sends what has been gathered. */
  flush(): void {
    this[Symbol.dispose]();
    if (this.#waiting.length === 0) return;
    this.#sentAtMs = monotonicMs();
    const message = mediaMessage(this.#waiting, this.#hasPicture);
    this.#waiting = [];
    for (const member of this.#members) member.offer(message);
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
  }

  #schedule(dueMs: number): void {
    if (this.#immediate !== undefined) return;
    if (dueMs <= 0) this.#immediate = setImmediate(() => this.flush());
    else this.#timer ??= setTimeout(() => this.flush(), dueMs);
  }
}
