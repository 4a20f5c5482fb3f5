import type { Channel } from "../../server/protocol/api.ts";
import type { Answer } from "../ui/api.ts";
import { pause, poll } from "../ui/poll.ts";
import type { Media } from "./engine.ts";
import { type LiveEvent, type LivePhase, nextLive, type Polled } from "./live-state.ts";
import { type LiveFacts, liveStatus, type WatchStatus } from "./live-words.ts";
import type { Progress } from "./progress.ts";
import type { LinkNews } from "./socket/link.ts";

const POLL_MS = 1_000;
/** A page nobody sees asks less often. */
const HIDDEN_POLL_MS = 4_000;
/** While the live socket has no picture, one round in so many asks why. */
const ASK_EVERY = 4;
/** After the end, a picture that stands still this long has played out; one that never moved gets longer. */
const OUT_MS = 3_000;
const NEVER_MS = 10_000;

/** The part of the screen that a session needs. */
export interface LiveScreen {
  show(media: Media): void;
  windDown(): void;
  clear(): void;
}

/** What a session is made of. */
export interface LiveSessionParts {
  readonly channel: string;
  readonly media: Media;
  readonly screen: LiveScreen;
  readonly ask: (channel: string, signal: AbortSignal) => Promise<Answer<Channel>>;
  /** What the live socket says, while it does: then nobody needs to be asked. */
  readonly news: () => LinkNews | undefined;
  readonly onStatus: (status: WatchStatus) => void;
  /** Each time the broadcast is known anew, for what the page says about it. */
  readonly onChannel: (channel: Channel) => void;
  readonly hidden: () => boolean;
}

/** Keeps one viewer with one channel: waits, plays, plays out, waits again. */
export class LiveSession {
  readonly #parts: LiveSessionParts;
  #phase: LivePhase = { name: "offline" };
  #facts: LiveFacts;
  #progress: Progress = "waiting";
  /** Nothing is said before the first answer. */
  #known = false;
  #rounds = 0;

  constructor(parts: LiveSessionParts) {
    this.#parts = parts;
    this.#facts = { channel: parts.channel, reachable: true, failure: undefined, trouble: undefined };
  }

  /** Follows the channel until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const round = async () => {
      if (!this.hear() || this.#mayBeTrouble()) await this.#ask(signal);
      if (this.#parts.hidden()) await pause(HIDDEN_POLL_MS - POLL_MS, signal);
    };
    await poll(round, POLL_MS, signal);
  }

  /** Takes what the live socket says now; false when it says nothing. Call it whenever that changes. */
  hear(): boolean {
    const news = this.#parts.news();
    if (news === undefined) return false;
    this.#known = true;
    this.#facts = { ...this.#facts, reachable: true };
    this.#apply({ type: "polled", broadcast: broadcastIn(news), sure: true });
    return true;
  }

  /** What the screen shows at this moment. */
  glance(progress: Progress, stillMs: number): void {
    this.#progress = progress;
    const over = this.#phase.name === "draining";
    const still = progress === "stalled" ? stillMs > OUT_MS : progress === "waiting" && stillMs > NEVER_MS;
    if (progress === "ended" || (over && still)) this.#apply({ type: "played-out" });
    else this.#tell();
  }

  /** No engine can play the broadcast. */
  giveUp(text: string): void {
    this.#facts = { ...this.#facts, failure: text };
    this.#apply({ type: "gave-up" });
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const answer = await this.#parts.ask(this.#parts.channel, signal);
    if (signal.aborted) return;
    const trouble = answer.kind === "ok" ? troubleOf(answer.value) : this.#facts.trouble;
    this.#facts = { ...this.#facts, trouble };
    if (this.#parts.news() !== undefined) return this.#tell();
    this.#known = true;
    this.#facts = { ...this.#facts, reachable: answer.kind !== "unreachable" };
    if (answer.kind !== "ok") return this.#tell();
    this.#parts.onChannel(answer.value);
    // What has played out does not begin again, whatever its publisher does.
    if (trouble !== undefined && this.#phase.name === "ended") return this.#tell();
    this.#apply({ type: "polled", broadcast: polledOf(answer.value) });
  }

  /** The live socket tells what there is to see, and not why there is nothing. */
  #mayBeTrouble(): boolean {
    const isPlaying =
      this.#parts.news()?.kind === "live" && (this.#progress === "playing" || this.#progress === "paused");
    this.#rounds = isPlaying ? 0 : this.#rounds + 1;
    return this.#rounds % ASK_EVERY === 2;
  }

  #apply(event: LiveEvent): void {
    const { phase, action } = nextLive(this.#phase, event);
    this.#phase = phase;
    const { screen, media } = this.#parts;
    if (action === "open") {
      this.#progress = "waiting";
      screen.show(media);
    } else if (action === "wind-down") screen.windDown();
    else if (action === "close") screen.clear();
    this.#tell();
  }

  #tell(): void {
    if (this.#known) this.#parts.onStatus(liveStatus(this.#phase, this.#progress, this.#facts));
  }
}

/** A broadcast that is starting has told nobody its id yet. */
function broadcastIn(news: LinkNews): Polled {
  if (news.kind === "offline") return undefined;
  return news.kind === "live" ? { id: news.broadcast, ready: true } : { id: "", ready: false };
}

function troubleOf({ broadcast }: Channel): string | undefined {
  const failure = broadcast?.failure ?? null;
  return failure === null ? undefined : `This broadcast cannot be shown any more. ${failure}`;
}

function polledOf({ broadcast }: Channel): Polled {
  return broadcast === null ? undefined : { id: broadcast.id, ready: broadcast.ready };
}
