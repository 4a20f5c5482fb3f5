import type { Recording } from "../../../server/protocol/api.ts";
import { recordingAddresses } from "../../ui/addresses.ts";
import { make } from "../../ui/dom.ts";
import { formatBytes, formatDuration, formatWhen } from "../../ui/format.ts";

const STATE_WORDS: Readonly<Record<Recording["state"], string>> = {
  recording: "recording now",
  finished: "",
  interrupted: "interrupted",
};

/** One line for a recording. */
export function recordingRow(recording: Recording): HTMLElement {
  const { watch, source, seekable } = recordingAddresses(location, recording.id);
  const file = recording.state === "recording" ? source : seekable;
  const name = `${recording.channel}, ${formatWhen(recording.startedAt)}`;
  return make(
    "li",
    { class: "row-item" },
    make(
      "div",
      {},
      make("a", { class: "card-title", href: watch }, recording.channel),
      make("p", { class: "hint" }, describe(recording)),
    ),
    make(
      "p",
      { class: "links" },
      make("a", { class: "button", href: watch, "aria-label": `Play ${name}` }, "Play"),
      make("a", { href: file, download: true, "aria-label": `Download ${name}` }, "Download"),
    ),
  );
}

function describe({ startedAt, durationMs, bytes, state }: Recording): string {
  const length = durationMs === null ? "" : formatDuration(durationMs);
  return [formatWhen(startedAt), length, formatBytes(bytes), STATE_WORDS[state]].filter(Boolean).join(" · ");
}
