import { formatDuration } from "../../ui/format.ts";
import type { Mark } from "./marks.ts";

/** What the built-in analysers see and hear, in words; a module's own types speak for themselves. */
const NAMES: Readonly<Record<string, string>> = {
  motion: "Motion",
  black: "Black picture",
  freeze: "Still picture",
  scene: "New scene",
  silence: "Silence",
};

/** What an event is of. */
export function nameOf({ type }: Mark): string {
  const name = NAMES[type];
  if (name !== undefined) return name;
  const words = type.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How long it lasted: `3.2 s`, `1:05`; nothing for a moment, `goes on` while it does. */
export function lengthWords({ shape, durationMs }: Mark): string {
  if (shape !== "range") return "";
  if (durationMs === null) return "goes on";
  return durationMs < 60_000 ? `${(durationMs / 1000).toFixed(1)} s` : formatDuration(durationMs);
}

/** Samples in one line: `brightness 42 %, motion 7 %, loudness −21.8 LUFS`. */
export function levelWords(samples: readonly Mark[]): string {
  return samples.flatMap(({ type, data }) => levelOf(type, data) ?? []).join(", ");
}

function levelOf(type: string, data: Mark["data"]): string | undefined {
  const { level, momentary } = data;
  if (type === "loudness") {
    return typeof momentary === "number" ? `loudness ${minus(momentary)} LUFS` : "nothing to hear";
  }
  if (typeof level !== "number") return undefined;
  return `${type === "motion-level" ? "motion" : type} ${Math.round(level * 100)} %`;
}

function minus(value: number): string {
  return value.toFixed(1).replace("-", "−");
}
