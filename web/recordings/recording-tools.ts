import type { Recording } from "../../server/protocol/api.ts";
import { find } from "../ui/dom.ts";
import { remove, rename, tellTrouble } from "./changes.ts";
import { ClipMaker } from "./clip-maker.ts";

/** What the operator can do with the recording that a page shows. */
export class RecordingTools {
  readonly #video: HTMLVideoElement;
  readonly #onRenamed: (recording: Recording) => void;
  #clips: ClipMaker | undefined;
  #recording: Recording | undefined;

  constructor(video: HTMLVideoElement, onRenamed: (recording: Recording) => void) {
    this.#video = video;
    this.#onRenamed = onRenamed;
    find("#rename", HTMLButtonElement).addEventListener("click", () => void this.#rename());
    find("#delete", HTMLButtonElement).addEventListener("click", () => void this.#delete());
  }

  /** Offers what can be done with it: what is live can only be named. */
  show(recording: Recording): void {
    this.#recording = recording;
    const isWritten = recording.state === "recording";
    if (!isWritten) this.#clips ??= new ClipMaker(this.#video, recording);
    find("#clip-tool", HTMLDetailsElement).hidden = isWritten;
    find("#delete", HTMLButtonElement).hidden = isWritten;
    find("#recording-tools", HTMLElement).hidden = false;
  }

  clipFromHere(): void {
    this.#clips?.fromHere();
  }

  clipToHere(): void {
    this.#clips?.toHere();
  }

  async #rename(): Promise<void> {
    const answer = this.#recording && (await rename(this.#recording));
    if (answer === undefined) return;
    if (answer.kind !== "ok") return tellTrouble(answer);
    this.#recording = answer.value;
    this.#onRenamed(answer.value);
  }

  async #delete(): Promise<void> {
    const recording = this.#recording;
    const answer = recording && (await remove(recording));
    if (recording === undefined || answer === undefined) return;
    if (answer.kind !== "ok") return tellTrouble(answer);
    location.assign(`/recordings?channel=${encodeURIComponent(recording.channel)}`);
  }
}
