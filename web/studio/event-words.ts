import type { EventType, ServerEvent } from "../../server/protocol/events.ts";
import { formatBytes, formatDuration } from "../ui/format.ts";

type Data = { readonly [E in ServerEvent as E["type"]]: E["data"] };
type Told<T extends EventType> = { readonly [K in T]: { readonly type: K; readonly data: Data[K] } }[T];
type Words = { readonly [K in EventType]: (data: Data[K]) => string };

const END_WORDS: Readonly<Record<Data["broadcast.ended"]["reason"], string>> = {
  finished: "The publisher has finished",
  disconnected: "The publisher is gone",
  interrupted: "The publisher lost its connection and did not come back",
  stopped: "Stopped by the operator",
  suspended: "The server ends; its next start goes on",
  failed: "It failed",
};

const WORDS: Words = {
  "broadcast.started": ({ container }) => `A broadcast has started${container === "unknown" ? "" : ` (${container})`}`,
  "channel.live": () => "Live: people can watch",
  "broadcast.interrupted": () => "The publisher lost its connection and is waited for",
  "broadcast.resumed": ({ awayMs }) => `The publisher is back after ${formatDuration(awayMs)}`,
  "broadcast.ended": ({ reason, bytes }) => `${END_WORDS[reason]}; ${formatBytes(bytes)} came in`,
  "rendition.available": ({ kind, width, height, codecs }) =>
    kind === "audio" ? `Sound is there (${codecs})` : `The picture ${sizeOf(width, height)} is there (${codecs})`,
  "rendition.dropped": ({ track, reason }) => `The rendition ${track} is not made any more: ${reason}`,
  "recording.ready": ({ durationMs, bytes }) =>
    `The recording can be watched: ${formatDuration(durationMs)}, ${formatBytes(bytes)}`,
  "recording.deleted": ({ reason }) => `A recording was deleted: ${reason}`,
  "encoder.restarted": ({ reason }) => `The encoder was started again: ${reason}`,
  "encoder.given-up": ({ reason }) => `The encoder was given up: ${reason}`,
  "viewers.threshold": ({ viewers, threshold, rising }) =>
    rising ? `${people(threshold)} or more: ${viewers} now` : `Fewer than ${people(threshold)}: ${viewers} now`,
  analysis: ({ analyser, shape, durationMs }) => {
    const length = durationMs === null || shape !== "range" ? "" : ` for ${formatDuration(durationMs)}`;
    return `Analysis: ${analyser}${length}`;
  },
  "analysis.failed": ({ analyser, reason }) => `The analyser ${analyser} was stopped: ${reason}`,
  "disk.low": ({ freeBytes }) => `The disk is nearly full: ${formatBytes(freeBytes)} are free`,
  "disk.ok": ({ freeBytes }) => `The disk has room again: ${formatBytes(freeBytes)} are free`,
};

/** What happened, in a sentence for people. */
export function eventWords<T extends EventType>({ type, data }: Told<T>): string {
  return WORDS[type](data);
}

/** Events that the operator should notice among others. */
export function isTrouble({ type }: ServerEvent): boolean {
  return TROUBLES.has(type);
}

const TROUBLES: ReadonlySet<EventType> = new Set([
  "broadcast.interrupted",
  "rendition.dropped",
  "encoder.restarted",
  "encoder.given-up",
  "analysis.failed",
  "disk.low",
]);

function people(count: number): string {
  return count === 1 ? "1 viewer" : `${count} viewers`;
}

function sizeOf(width: number | undefined, height: number | undefined): string {
  return width === undefined || height === undefined ? "" : `${width} × ${height}`;
}
