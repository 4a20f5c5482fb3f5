import type { Recording } from "../../server/protocol/api.ts";
import { channelAddresses, recordingAddresses } from "../ui/addresses.ts";
import { make } from "../ui/dom.ts";
import { formatWhen } from "../ui/format.ts";
import { describeRecording, nameOf } from "./words.ts";

/** What else belongs to a recording's line. */
export interface RecordingRowExtras {
  /** Stands behind what everybody can do. */
  readonly tools?: readonly HTMLElement[];
  /** That of a link, where one is needed. */
  readonly token?: string | undefined;
}

/** One line for a recording. */
export function recordingRow(recording: Recording, { tools = [], token }: RecordingRowExtras = {}): HTMLElement {
  const { watch, source, seekable, cover } = recordingAddresses(location, recording.id, token);
  const running = recording.state === "recording";
  const target = running ? channelAddresses(location, recording.channel, token).watch : watch;
  const label = labelOf(recording);
  const watchWords = running ? "Watch live" : "Play";
  return make(
    "li",
    { class: "row-item" },
    make("div", { class: "picture" }, ...(running ? [] : [coverOf(cover)])),
    make(
      "div",
      { class: "row-words" },
      make("a", { class: "card-title", href: target }, nameOf(recording)),
      make("p", { class: "hint" }, describeRecording(recording)),
    ),
    make(
      "p",
      { class: "links" },
      make("a", { class: "button", href: target, "aria-label": `${watchWords} ${label}` }, watchWords),
      make("a", { href: running ? source : seekable, download: true, "aria-label": `Download ${label}` }, "Download"),
      ...tools,
    ),
  );
}

/** What tells one recording from all others. */
export function labelOf(recording: Recording): string {
  return `${nameOf(recording)}, ${formatWhen(recording.startedAt)}`;
}

/** A recording may have none: nobody sees then that there could have been one. */
function coverOf(address: string): HTMLImageElement {
  const image = make("img", { src: address, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.remove());
  return image;
}
