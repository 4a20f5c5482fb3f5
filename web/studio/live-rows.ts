import type { LiveBroadcast } from "../../server/protocol/api.ts";
import type { ViewerStats } from "../../server/protocol/stats.ts";
import { formatBitRate, formatDelay, formatDuration } from "../ui/format.ts";

const UNKNOWN = "–";

/** What the table of viewers has. */
export const VIEWER_COLUMNS = [
  "Over",
  "Picture",
  "Address",
  "Connection",
  "Delay",
  "Buffer",
  "Stalls",
  "First picture",
  "For",
] as const;

/** One viewer as a row. */
export function viewerRow(viewer: ViewerStats, nowMs: number): string[] {
  const { delivery, rendition, address, kbps, delayMs, bufferMs, stalls, joinMs, since } = viewer;
  const delay = (ms: number | null) => (ms === null ? UNKNOWN : formatDelay(ms / 1000));
  return [
    delivery,
    rendition ?? UNKNOWN,
    address,
    kbps === null ? UNKNOWN : formatBitRate(kbps * 1000),
    delay(delayMs),
    delay(bufferMs),
    String(stalls),
    delay(joinMs),
    formatDuration(nowMs - Date.parse(since)),
  ];
}

/** What the table of renditions has. */
export const RENDITION_COLUMNS = [
  "Track",
  "Kind",
  "Size",
  "Codec",
  "Pictures a second",
  "At most",
  "Watched by",
] as const;

/** What comes in and what viewers can have, as rows. */
export function renditionRows(
  { source, container, renditions }: LiveBroadcast,
  watchedBy: Readonly<Record<string, number>>,
): string[][] {
  const incoming = source.map(({ kind, codec, width, height }) => [
    "publisher's",
    `${kind} (${container})`,
    sizeOf(width, height),
    codec,
    UNKNOWN,
    UNKNOWN,
    UNKNOWN,
  ]);
  const outgoing = renditions.map(({ track, kind, codecs, width, height, frameRate, bandwidth }) => [
    track,
    kind,
    sizeOf(width, height),
    codecs,
    frameRate === undefined ? UNKNOWN : String(Math.round(frameRate * 100) / 100),
    bandwidth === undefined ? UNKNOWN : formatBitRate(bandwidth),
    kind === "video" ? String(watchedBy[track] ?? 0) : UNKNOWN,
  ]);
  return [...incoming, ...outgoing];
}

/** Which renditions are not made any more; empty when all are. */
export function droppedWords({ dropped }: Pick<LiveBroadcast, "dropped">): string {
  if (dropped.length === 0) return "";
  const names = dropped.map(({ track, width, height }) => `${track} (${sizeOf(width, height)})`);
  return `Not made any more, because the encoder did not hold real time: ${names.join(", ")}.`;
}

function sizeOf(width: number | undefined, height: number | undefined): string {
  return width === undefined || height === undefined ? UNKNOWN : `${width} × ${height}`;
}
