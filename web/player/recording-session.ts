import type { Recording } from "../../server/protocol/api.ts";
import type { Answer } from "../ui/api.ts";
import { pause } from "../ui/poll.ts";
import type { Media } from "./engine.ts";
import { covered, pictureStatus, type WatchStatus } from "./live-words.ts";
import type { Progress } from "./progress.ts";

const RETRY_MS = 2_000;
/** What is live is asked for again, to see when it has its end. */
const LOOK_MS = 5_000;

/** What a session is made of. */
export interface RecordingSessionParts {
  readonly id: string;
  readonly media: Media;
  readonly screen: { show(media: Media): void };
  readonly ask: (id: string, signal: AbortSignal) => Promise<Answer<Recording>>;
  readonly onStatus: (status: WatchStatus) => void;
  /** Also told when it has got its end. */
  readonly onRecording: (recording: Recording) => void;
}

/** Plays one recording. */
export class RecordingSession {
  readonly #parts: RecordingSessionParts;
  #failure: string | undefined;
  #open = false;

  constructor(parts: RecordingSessionParts) {
    this.#parts = parts;
  }

  /** Asks for the recording until the server answers, then plays it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answer = await this.#parts.ask(this.#parts.id, signal);
      if (answer.kind === "ok") {
        this.#play(answer.value);
        return answer.value.state === "recording" ? this.#untilItsEnd(signal) : undefined;
      }
      if (answer.kind === "refused") return this.#fail(refusalWords(answer.status, answer.text));
      this.#parts.onStatus(covered("loading", "Waiting…", "The server cannot be reached. Trying again…"));
      await pause(RETRY_MS, signal);
    }
  }

  /** What the screen shows at this moment. */
  glance(progress: Progress): void {
    if (this.#open && this.#failure === undefined) this.#parts.onStatus(pictureStatus(progress, "Playing"));
  }

  /** No engine can play the recording. */
  giveUp(text: string): void {
    this.#fail(text);
  }

  #play(recording: Recording): void {
    this.#parts.onRecording(recording);
    this.#open = true;
    const { screen, media } = this.#parts;
    // What is live begins at its beginning, not where live is.
    screen.show(recording.state === "recording" ? { ...media, startAt: 0 } : media);
  }

  async #untilItsEnd(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(LOOK_MS, signal);
      const answer = await this.#parts.ask(this.#parts.id, signal);
      if (answer.kind !== "ok" || answer.value.state === "recording") continue;
      return this.#parts.onRecording(answer.value);
    }
  }

  #fail(text: string): void {
    this.#failure = text;
    this.#parts.onStatus(covered("error", "Cannot play", text));
  }
}

function refusalWords(status: number, text: string): string {
  if (status === 404) return "There is no such recording. It may have been deleted.";
  return `The recording cannot be played: ${text}.`;
}
