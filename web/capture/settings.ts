import { channelName } from "../../server/protocol/names.ts";

/** Where the picture comes from. */
export type SourceKind = "camera" | "screen" | "testcard";

/** Everything a broadcast is started with. */
export interface CaptureSettings {
  readonly channel: string;
  readonly key: string;
  readonly source: SourceKind;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly kbps: number;
  readonly audio: boolean;
}

/** The settings in the page's address, and whether to start at once. */
export interface AskedFor extends CaptureSettings {
  readonly autostart: boolean;
}

export const DEFAULT_SETTINGS: CaptureSettings = {
  channel: "demo",
  key: "",
  source: "camera",
  width: 1280,
  height: 720,
  fps: 30,
  kbps: 2500,
  audio: true,
};

const SOURCES: readonly SourceKind[] = ["camera", "screen", "testcard"];

/** Reads the page's query. What is missing or out of range keeps its default. */
export function parseSettings(query: URLSearchParams): AskedFor {
  const whole = (name: "width" | "height" | "fps" | "kbps", min: number, max: number) => {
    const given = query.get(name);
    const value = given === null || given.trim() === "" ? Number.NaN : Number(given);
    return Number.isInteger(value) && value >= min && value <= max ? value : DEFAULT_SETTINGS[name];
  };
  return {
    channel: query.get("channel") ?? DEFAULT_SETTINGS.channel,
    key: query.get("key") ?? DEFAULT_SETTINGS.key,
    source: SOURCES.find((source) => source === query.get("source")) ?? DEFAULT_SETTINGS.source,
    width: even(whole("width", 128, 7680)),
    height: even(whole("height", 72, 4320)),
    fps: whole("fps", 1, 120),
    kbps: whole("kbps", 50, 100_000),
    audio: query.get("audio") !== "0",
    autostart: query.get("autostart") === "1",
  };
}

/** Why this cannot be a channel's name, in words, or undefined when it can. */
export function channelProblem(name: string): string | undefined {
  if (name === "") return "Give the channel a name.";
  const parsed = channelName.safeParse(name);
  if (parsed.success) return undefined;
  const words = parsed.error.issues[0]?.message ?? "this cannot be a channel's name";
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Video encoders want even sizes: 4:2:0 pictures have one colour sample for two by two pixels. */
function even(size: number): number {
  return size - (size % 2);
}
