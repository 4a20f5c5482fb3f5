import type { Clip, Recording } from "../../server/protocol/api.ts";
import { makeClip } from "../ui/api.ts";
import { formatClockTime, parseClockTime } from "../ui/clock-time.ts";
import { copyButton } from "../ui/copy.ts";
import { find, make, setText } from "../ui/dom.ts";
import { formatBytes, formatDuration } from "../ui/format.ts";
import { asOperator } from "../ui/operator.ts";
import { troubleOf } from "./changes.ts";

/** The form on a recording's page that makes clips. */
export class ClipMaker {
  readonly #video: HTMLVideoElement;
  readonly #recording: Recording;
  readonly #from = find("#clip-from", HTMLInputElement);
  readonly #to = find("#clip-to", HTMLInputElement);
  readonly #title = find("#clip-title", HTMLInputElement);
  readonly #make = find("#clip-make", HTMLButtonElement);
  readonly #problem = find("#clip-problem", HTMLElement);
  readonly #clips = find("#clips", HTMLElement);

  constructor(video: HTMLVideoElement, recording: Recording) {
    this.#video = video;
    this.#recording = recording;
    find("#clip-from-here", HTMLButtonElement).addEventListener("click", () => this.fromHere());
    find("#clip-to-here", HTMLButtonElement).addEventListener("click", () => this.toHere());
    find("#clip-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  /** The clip begins where the picture is now. */
  fromHere(): void {
    this.#set(this.#from);
  }

  toHere(): void {
    this.#set(this.#to);
  }

  #set(field: HTMLInputElement): void {
    find("#clip-tool", HTMLDetailsElement).open = true;
    field.value = formatClockTime(this.#video.currentTime * 1000);
    setText(this.#problem, "");
  }

  async #submit(): Promise<void> {
    const [fromMs, toMs] = [parseClockTime(this.#from.value), parseClockTime(this.#to.value)];
    if (fromMs === undefined || toMs === undefined) return setText(this.#problem, "Write places as 1:23 or 83.5.");
    if (toMs <= fromMs) return setText(this.#problem, "It ends before it begins.");
    const title = this.#title.value.trim();
    const request = { fromMs, toMs, ...(title === "" ? {} : { title }) };
    this.#make.disabled = true;
    setText(this.#problem, "Cutting…");
    const answer = await asOperator((token) => makeClip(this.#recording.id, request, token));
    this.#make.disabled = false;
    setText(this.#problem, (answer && troubleOf(answer)) ?? "");
    if (answer?.kind !== "ok") return;
    this.#title.value = "";
    this.#clips.prepend(clipLine(answer.value));
  }
}

/** A clip that was just made, with everything that can be done with it. */
function clipLine(clip: Clip): HTMLElement {
  const { durationMs, bytes, links, title, clipOf } = clip;
  const place = clipOf === undefined ? "" : `${formatClockTime(clipOf.fromMs)} to ${formatClockTime(clipOf.toMs)}`;
  const size = links.mp4 === null ? "" : `, ${formatBytes(bytes)}`;
  const words = `${place} (${formatDuration(durationMs ?? 0)}${size})`;
  const address = new URL(links.watch, location.href).href;
  return make(
    "li",
    { class: "clip" },
    make("span", { class: "clip-words" }, make("a", { href: links.watch }, title ?? "Clip"), ` ${words}`),
    make(
      "span",
      { class: "links" },
      ...(links.mp4 === null ? [] : [make("a", { class: "button", href: links.mp4, download: true }, "MP4")]),
      copyButton(() => address, "the link to this clip"),
    ),
  );
}
