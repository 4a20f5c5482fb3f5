import type { Recording } from "../../../server/protocol/api.ts";
import { channelAddresses, recordingAddresses } from "../../ui/addresses.ts";
import { make } from "../../ui/dom.ts";
import { formatBytes, formatDuration, formatWhen } from "../../ui/format.ts";

const STATE_WORDS: Readonly<Record<Recording["state"], string>> = {
  recording: "recording now",
  finished: "",
  interrupted: "interrupted",
};

/** One line for a recording. */
export function recordingRow(recording: Recording): HTMLElement {
  const { watch, source, seekable, cover } = recordingAddresses(location, recording.id);
  const running = recording.state === "recording";
  const target = running ? channelAddresses(location, recording.channel).watch : watch;
  const name = `${recording.channel}, ${formatWhen(recording.startedAt)}`;
  return make(
    "li",
    { class: "row-item" },
    make("div", { class: "picture" }, ...(running ? [] : [coverOf(cover)])),
    make(
      "div",
      { class: "row-words" },
      make("a", { class: "card-title", href: target }, recording.channel),
      make("p", { class: "hint" }, describe(recording)),
    ),
    make(
      "p",
      { class: "links" },
      make("a", { class: "button", href: target, "aria-label": `Play ${name}` }, running ? "Watch live" : "Play"),
      make("a", { href: running ? source : seekable, download: true, "aria-label": `Download ${name}` }, "Download"),
    ),
  );
}

/** A recording may have none: nobody sees then that there could have been one. */
function coverOf(address: string): HTMLImageElement {
  const image = make("img", { src: address, alt: "", loading: "lazy" });
  image.addEventListener("error", () => image.remove());
  return image;
}

function describe({ startedAt, durationMs, bytes, state }: Recording): string {
  const length = durationMs === null ? "" : formatDuration(durationMs);
  return [formatWhen(startedAt), length, formatBytes(bytes), STATE_WORDS[state]].filter(Boolean).join(" · ");
}
