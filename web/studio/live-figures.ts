import type { BroadcastStats, ServerStats } from "../../server/protocol/stats.ts";
import { formatBitRate, formatBytes, formatDelay, formatDuration } from "../ui/format.ts";

/** What nobody has told. */
const UNKNOWN = "–";

/** The few figures of a live broadcast that a card has room for. */
export function cardFigures({ audience, ingest, encoder }: BroadcastStats): Record<string, string> {
  return {
    Viewers: String(audience.viewers),
    Delay: spreadOf(audience.delayMs),
    Input: formatBitRate(ingest.kbps * 1000),
    Encoder: encoder.delayMs === null ? UNKNOWN : formatDelay(encoder.delayMs / 1000),
    Restarts: String(encoder.restarts),
  };
}

/** All figures of a live broadcast that a list can show. */
export function broadcastFigures(stats: BroadcastStats, nowMs: number): Record<string, string> {
  const { audience, ingest, encoder, bytesOut, startedAt } = stats;
  const { width, height, frameRate, keyIntervalSeconds } = ingest;
  return {
    "On air": formatDuration(nowMs - Date.parse(startedAt)),
    Viewers: String(audience.viewers),
    Over: countsOf(audience.deliveries),
    "Delay, middle and worst": spreadOf(audience.delayMs),
    "Buffer, middle and worst": spreadOf(audience.bufferMs),
    "First picture after": spreadOf(audience.joinMs),
    Stalls: String(audience.stalls),
    Input: formatBitRate(ingest.kbps * 1000),
    Picture: width === null || height === null ? "none" : `${width} × ${height}`,
    "Pictures a second": frameRate === null ? UNKNOWN : frameRate.toFixed(1),
    "Key frames at most apart": keyIntervalSeconds === null ? UNKNOWN : `${keyIntervalSeconds.toFixed(1)} s`,
    Containers: String(ingest.containers),
    "Waits for the disk": formatBytes(ingest.queuedBytes),
    "Encoder's delay": encoder.delayMs === null ? UNKNOWN : formatDelay(encoder.delayMs / 1000),
    "Encoder's speed": encoder.speed === null ? UNKNOWN : `${encoder.speed.toFixed(2)} × real time`,
    "Encoder's processor": encoder.cpuPercent === null ? UNKNOWN : `${Math.round(encoder.cpuPercent)} % of a core`,
    "Encoder's restarts": String(encoder.restarts),
    "Sent to viewers": formatBytes(bytesOut),
  };
}

/** How the process does. */
export function serverFigures(server: ServerStats): Record<string, string> {
  return {
    Up: formatDuration(server.uptimeSeconds * 1000),
    Live: `${server.broadcasts} of ${server.maxBroadcasts}`,
    Viewers: String(server.viewers),
    Processor: `${Math.round(server.cpuPercent)} % of a core`,
    Memory: formatBytes(server.memoryBytes),
    "Loop delay": `${server.loopDelayMs.p99.toFixed(1)} ms`,
    "Free on disk": formatBytes(server.freeDiskBytes),
  };
}

/** `240 ms / 1.2 s`: the middle and the nearly worst. */
function spreadOf(spread: { readonly p50: number; readonly p95: number } | null): string {
  if (spread === null) return UNKNOWN;
  return `${formatDelay(spread.p50 / 1000)} / ${formatDelay(spread.p95 / 1000)}`;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return parts.length === 0 ? UNKNOWN : parts.join(", ");
}
