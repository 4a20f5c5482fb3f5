import { maskAddress } from "../../core/mask-address.ts";
import { summarize } from "../../core/summary.ts";
import type { SocketStats } from "../../protocol/api.ts";
import type { ViewerStats } from "../../protocol/stats.ts";
import type { Viewer, ViewerReport } from "./viewer.ts";

/** Sums up what the viewers of one broadcast have told, and what the server saw of them. */
export function socketStats(viewers: readonly Viewer[]): SocketStats {
  const reports = viewers.flatMap(({ report }) => report ?? []);
  const sum = (of: (report: ViewerReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const renditions: Record<string, number> = {};
  for (const { rendition } of reports) if (rendition !== null) renditions[rendition] = (renditions[rendition] ?? 0) + 1;
  return {
    viewers: viewers.length,
    delayMs: spreadOf(reports.map(({ delayMs }) => delayMs)),
    bufferMs: spreadOf(reports.map(({ bufferMs }) => bufferMs)),
    roundTripMs: spreadOf(reports.map(({ roundTripMs }) => roundTripMs)),
    stalls: sum(({ stalls }) => stalls),
    droppedFrames: sum(({ droppedFrames }) => droppedFrames),
    skips: viewers.reduce((total, { skips }) => total + skips, 0),
    renditions,
  };
}

/** Each of the viewers, as the statistics tell of it. */
export function socketViewers(viewers: readonly Viewer[]): ViewerStats[] {
  return viewers.map(({ report, address, sinceMs, bytes }) => ({
    delivery: "socket",
    address: maskAddress(address),
    since: new Date(sinceMs).toISOString(),
    rendition: report?.rendition ?? null,
    kbps: report?.kbps ?? null,
    bytes,
    delayMs: report?.delayMs ?? null,
    bufferMs: report?.bufferMs ?? null,
    stalls: report?.stalls ?? 0,
    joinMs: report?.joinMs ?? null,
  }));
}

function spreadOf(figures: readonly (number | null)[]): SocketStats["delayMs"] {
  const summary = summarize(figures);
  return summary && { p50: summary.p50, p95: summary.p95 };
}
