import { CaptureFailure } from "./failures.ts";
import type { Preview } from "./preview.ts";
import type { Publisher } from "./publisher.ts";
import { hasStandIn, replaceLost } from "./replacement.ts";
import type { PictureChoice } from "./settings-form.ts";
import { type CaptureSource, isWell, type Loss, sourceOf } from "./source.ts";
import { openSilence } from "./stand-in.ts";

/** How often a device that went away is asked for again; the browser tells of most that come back. */
const ASK_AGAIN_MS = 5_000;

/** What a keeper works with. */
export interface KeeperParts {
  readonly preview: Preview;
  readonly publisher: Publisher;
  readonly open: (choice: PictureChoice) => Promise<CaptureSource>;
  readonly onNotes: (notes: readonly string[]) => void;
}

/** Keeps one broadcast supplied: with what the person chooses, and with something else when a device goes away. */
export class SourceKeeper implements Disposable {
  readonly #parts: KeeperParts;
  readonly #stop = new AbortController();
  #choice: PictureChoice;
  #source: CaptureSource;
  /** One change after the other. */
  #work: Promise<unknown> = Promise.resolve();

  /** Takes care of a source that is on air, and on show in the preview. */
  constructor(parts: KeeperParts, choice: PictureChoice, source: CaptureSource) {
    this.#parts = parts;
    this.#choice = choice;
    this.#source = source;
    source.onLoss = (what) => this.#lost(what);
    const askAgain = () => void this.#inTurn(() => this.#askAgain());
    navigator.mediaDevices?.addEventListener("devicechange", askAgain, { signal: this.#stop.signal });
    const timer = setInterval(askAgain, ASK_AGAIN_MS);
    this.#stop.signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** What is on air. */
  get choice(): PictureChoice {
    return this.#choice;
  }

  /** The broadcast is over; what is on show stays the preview's. */
  [Symbol.dispose](): void {
    this.#source.onLoss = () => {};
    this.#stop.abort();
  }

  /** Goes on air with another choice. Rejects with a `CaptureFailure`, and leaves on air what is, when it cannot be had. */
  change(choice: PictureChoice): Promise<void> {
    return this.#inTurn(() => this.#change(choice));
  }

  async #change(choice: PictureChoice): Promise<void> {
    const source = await this.#open(choice);
    const before = this.#source;
    // A broadcast keeps its tracks: viewers who hear would wait for the sound for ever.
    const needsSilence = before.sound !== undefined && source.sound === undefined;
    const isShared = choice.source === "screen";
    const next = needsSilence ? sourceOf({ ...source, sound: await openSilence(), isShared }) : source;
    this.#choice = choice;
    await this.#goOnAir(next);
    before.close();
  }

  /** Some devices, phones above all, open one camera only after the other is closed. */
  async #open(choice: PictureChoice): Promise<CaptureSource> {
    try {
      return await this.#parts.open(choice);
    } catch (error) {
      if (choice.source !== "camera" || this.#choice.source !== "camera") throw error;
    }
    this.#source.close();
    try {
      return await this.#parts.open(choice);
    } catch (error) {
      await this.#replace();
      throw error;
    }
  }

  #lost(what: Loss): void {
    if (what === "sharing") {
      const text = "You stopped sharing the screen. The broadcast has ended.";
      return this.#parts.publisher.end({ state: "ended", text });
    }
    void this.#inTurn(() => this.#replace());
  }

  async #askAgain(): Promise<void> {
    if (hasStandIn(this.#source)) await this.#replace();
  }

  async #replace(): Promise<void> {
    const before = this.#source;
    const isSilent = before.sound !== undefined && !isWell(before.sound);
    if (isWell(before.picture) && !isSilent) return;
    const next = await replaceLost(before, this.#choice.source, this.#choice);
    if (next.picture !== before.picture || next.sound !== before.sound) await this.#goOnAir(next);
  }

  async #goOnAir(next: CaptureSource): Promise<void> {
    if (this.#stop.signal.aborted) return next.close();
    this.#source.onLoss = () => {};
    this.#source = next;
    next.onLoss = (what) => this.#lost(what);
    void this.#parts.preview.put(this.#choice, next);
    this.#parts.onNotes(next.notes);
    await this.#parts.publisher.use(next.stream);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#stop.signal.aborted ? undefined : work()));
    this.#work = done.catch(() => {});
    return done;
  }
}

/** What to say when a choice cannot be had while another one is on air. */
export function explainKept(error: unknown): string {
  const words = error instanceof CaptureFailure ? error.message : "That could not be opened.";
  return `${words} The broadcast goes on as it was.`;
}
