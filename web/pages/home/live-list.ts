import type { Channel } from "../../../server/protocol/api.ts";
import { channelAddresses } from "../../ui/addresses.ts";
import { make } from "../../ui/dom.ts";
import { formatBytes, formatDuration } from "../../ui/format.ts";

/** One card, with what it looks like, for a channel that is live, or will be for who watches it. */
export function liveCard({ name, broadcast }: Channel, nowMs: number, picture: HTMLElement): HTMLElement {
  const { watch } = channelAddresses(location, name);
  const link = (text: string, delivery: string) => make("a", { href: `${watch}?delivery=${delivery}` }, text);
  return make(
    "li",
    { class: "card" },
    picture,
    make("a", { class: "card-title", href: watch }, name),
    make("p", { class: "hint" }, broadcast === null ? "Starts when somebody watches" : describe(broadcast, nowMs)),
    make(
      "p",
      { class: "links" },
      make("a", { href: watch, class: "button primary" }, "Watch"),
      link("HLS", "hls"),
      link("DASH", "dash"),
    ),
  );
}

function describe(broadcast: NonNullable<Channel["broadcast"]>, nowMs: number): string {
  const since = formatDuration(nowMs - Date.parse(broadcast.startedAt));
  const video = broadcast.source.find((track) => track.kind === "video");
  const size = video?.width === undefined ? "" : ` · ${video.width} × ${video.height}`;
  return `${broadcast.ready ? "Live for" : "Starting,"} ${since}${size} · ${formatBytes(broadcast.bytes)}`;
}
