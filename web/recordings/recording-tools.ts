import type { Recording } from "../../server/protocol/api.ts";
import { find } from "../ui/dom.ts";
import { remove, rename, tellTrouble } from "./changes.ts";
import { ClipMaker } from "./clip-maker.ts";

/** What the operator can do with the recording that a page shows. */
export class RecordingTools {
  readonly #clips: ClipMaker | undefined;
  readonly #onRenamed: (recording: Recording) => void;
  #recording: Recording;

  constructor(video: HTMLVideoElement, recording: Recording, onRenamed: (recording: Recording) => void) {
    this.#recording = recording;
    this.#onRenamed = onRenamed;
    const isWritten = recording.state === "recording";
    this.#clips = isWritten ? undefined : new ClipMaker(video, recording);
    find("#clip-tool", HTMLDetailsElement).hidden = isWritten;
    find("#delete", HTMLButtonElement).hidden = isWritten;
    find("#recording-tools", HTMLElement).hidden = false;
    find("#rename", HTMLButtonElement).addEventListener("click", () => void this.#rename());
    find("#delete", HTMLButtonElement).addEventListener("click", () => void this.#delete());
  }

  clipFromHere(): void {
    this.#clips?.fromHere();
  }

  clipToHere(): void {
    this.#clips?.toHere();
  }

  async #rename(): Promise<void> {
    const answer = await rename(this.#recording);
    if (answer === undefined) return;
    if (answer.kind !== "ok") return tellTrouble(answer);
    this.#recording = answer.value;
    this.#onRenamed(answer.value);
  }

  async #delete(): Promise<void> {
    const answer = await remove(this.#recording);
    if (answer === undefined) return;
    if (answer.kind !== "ok") return tellTrouble(answer);
    location.assign(`/recordings?channel=${encodeURIComponent(this.#recording.channel)}`);
  }
}
