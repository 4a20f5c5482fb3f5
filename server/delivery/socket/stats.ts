import type { SocketStats } from "../../protocol/api.ts";
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

function spreadOf(figures: readonly (number | null)[]): SocketStats["delayMs"] {
  const sorted = figures.filter((figure) => figure !== null).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const [p50, p95] = [at(0.5), at(0.95)];
  return p50 === undefined || p95 === undefined ? null : { p50, p95 };
}
