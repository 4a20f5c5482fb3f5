import type { Recording } from "../../server/protocol/api.ts";
import { formatBytes, formatDuration, formatWhen } from "../ui/format.ts";

const STATE_WORDS: Readonly<Record<Recording["state"], string>> = {
  recording: "recording now",
  finished: "",
  interrupted: "interrupted",
};

/** What a recording is called: by its title, else by its channel. */
export function nameOf({ title, channel }: Recording): string {
  return title ?? channel;
}

/** One line about it: channel, where the name is another, when, how long, how large, and what else is special. */
export function describeRecording(recording: Recording): string {
  const { title, channel, startedAt, durationMs, bytes, state, clipOf } = recording;
  return [
    title === undefined ? "" : channel,
    clipOf === undefined ? "" : "clip",
    formatWhen(startedAt),
    durationMs === null ? "" : formatDuration(durationMs),
    formatBytes(bytes),
    STATE_WORDS[state],
  ]
    .filter(Boolean)
    .join(" · ");
}
