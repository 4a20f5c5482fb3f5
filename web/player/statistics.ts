import { formatBitRate, formatDelay } from "../ui/format.ts";
import type { DelayMeter } from "./delay-meter.ts";
import type { Engine, EngineKind } from "./engine.ts";
import type { Witnessed } from "./picture-watch.ts";

/** Where the statistics come from. */
export interface StatisticsParts {
  readonly video: HTMLVideoElement;
  readonly meter: DelayMeter;
  readonly witnessed: Witnessed;
  readonly kind: () => EngineKind | undefined;
  readonly engine: () => Engine | undefined;
}

/** One line: what it is, and how it is now. */
export type StatisticsRow = readonly [name: string, text: string];

/**
 * Everything worth knowing about how a picture comes; what an engine does not know is left out. The delay is the true
 * one, from glass to glass, while the test card is on screen, and what the engine reckons since the server got it.
 */
export function statisticsRows(parts: StatisticsParts): StatisticsRow[] {
  const { video, witnessed } = parts;
  const engine = parts.engine();
  const kind = parts.kind();
  const quality = video.getVideoPlaybackQuality();
  const figures = engine?.figures;
  const rows: (StatisticsRow | undefined)[] = [
    kind && ["Delivery", kind],
    ["Picture", pictureWords(video, engine)],
    optional("Glass to glass", parts.meter.recentMs, (ms) => `${whole(ms)} ms`),
    optional("Since server", engine?.delaySeconds, formatDelay),
    engine?.delay && [
      "Target",
      `${whole(engine.delay.targetMs)} ms${engine.delay.wishMs === undefined ? " auto" : ""}`,
    ],
    ["Buffer", `${whole(aheadSeconds(video) * 1000)} ms`],
    ["Speed", `${video.playbackRate.toFixed(3)}`],
    optional("Round trip", figures?.roundTripMs, (ms) => `${ms.toFixed(1)} ms`),
    optional("Received", figures?.bitsPerSecond, formatBitRate),
    ["Decoded", `${quality.totalVideoFrames}, ${quality.droppedVideoFrames} dropped`],
    ["Stalls", String(witnessed.stalls)],
    optional("Skipped", figures?.skips, whole),
    optional("Jumps", figures?.jumps, whole),
    optional("First picture", witnessed.firstFrameMs, (ms) => `${whole(ms)} ms`),
  ];
  return rows.filter((row) => row !== undefined);
}

function pictureWords({ videoWidth, videoHeight }: HTMLVideoElement, engine: Engine | undefined): string {
  return engine?.renditions.find(({ id }) => id === engine.playing)?.label ?? `${videoWidth}×${videoHeight}`;
}

/** How much can be played on from here without a break. */
function aheadSeconds({ buffered, currentTime }: HTMLVideoElement): number {
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime && currentTime <= buffered.end(index))
      return buffered.end(index) - currentTime;
  }
  return 0;
}

function optional(name: string, value: number | undefined, text: (value: number) => string): StatisticsRow | undefined {
  return value === undefined ? undefined : [name, text(value)];
}

function whole(value: number): string {
  return String(Math.round(value));
}
