import type { LiveBroadcast } from "../../server/protocol/api.ts";
import type { Hook } from "../../server/protocol/hooks.ts";
import type { ServerSetup } from "../../server/protocol/server.ts";
import type { BroadcastStats, ServerStats } from "../../server/protocol/stats.ts";
import { formatBytes, formatDelay, formatDuration } from "../ui/format.ts";

/** Something that the operator should look at. */
export interface Alarm {
  /** The same for as long as it is the same trouble. */
  readonly key: string;
  /** `failure`: something does not work. `warning`: it soon may not, or works badly. */
  readonly level: "failure" | "warning";
  /** Undefined when it is about the server. */
  readonly channel: string | undefined;
  readonly text: string;
}

/** What is known of one broadcast. */
export interface BroadcastFacts {
  readonly broadcast: LiveBroadcast;
  readonly stats: BroadcastStats | undefined;
  /** Of its viewers, in the last minute. */
  readonly recentStalls: number;
}

/** A picture is out of the encoder well within a second; one that needs so long falls behind. */
const ENCODER_BEHIND_MS = 3_000;
/** The first figures of a broadcast say little. */
const SETTLED_MS = 10_000;
/** Fewer happen to viewers on the move. */
const FEW_STALLS = 3;
/** The disk is worth a word before it is too late. */
const NEARLY = 3;

/** What is wrong with one broadcast, the worst first. */
export function broadcastAlarms({ broadcast, stats, recentStalls }: BroadcastFacts, setup: ServerSetup, nowMs: number) {
  const { channel, failure, interruptedSince } = broadcast;
  const alarms: Alarm[] = [];
  const raise = (kind: string, level: Alarm["level"], text: string) =>
    alarms.push({ key: `${broadcast.id} ${kind}`, level, channel, text });

  if (failure !== null) raise("failure", "failure", `Nobody can watch any more: ${failure}`);
  if (interruptedSince !== null) {
    const away = formatDuration(nowMs - Date.parse(interruptedSince));
    raise("interrupted", "failure", `The publisher lost its connection ${away} ago and is waited for.`);
  }
  if (stats === undefined || nowMs - Date.parse(broadcast.startedAt) < SETTLED_MS) return alarms;
  const { ingest, encoder, audience } = stats;
  if (ingest.kbps === 0 && interruptedSince === null) {
    raise("silent", "failure", "The publisher is connected and sends nothing.");
  }
  if (failure === null && encoder.delayMs !== null && encoder.delayMs > ENCODER_BEHIND_MS) {
    raise("behind", "warning", `The encoder is ${formatDelay(encoder.delayMs / 1000)} behind.`);
  }
  const { keyIntervalSeconds } = ingest;
  if (keyIntervalSeconds !== null && keyIntervalSeconds > setup.maxKeyIntervalSeconds) {
    const [apart, limit] = [keyIntervalSeconds, setup.maxKeyIntervalSeconds].map((seconds) => seconds.toFixed(1));
    raise("keys", "warning", `The publisher's key frames are up to ${apart} s apart; up to ${limit} s are fine.`);
  }
  if (recentStalls >= Math.max(FEW_STALLS, audience.viewers / 2)) {
    raise("stalls", "warning", `Viewers' pictures stood still ${recentStalls} times in the last minute.`);
  }
  return alarms;
}

/** What is wrong with the server as a whole. */
export function serverAlarms(server: ServerStats, { minFreeBytes }: ServerSetup): Alarm[] {
  const alarms: Alarm[] = [];
  const free = formatBytes(server.freeDiskBytes);
  const raise = (kind: string, level: Alarm["level"], text: string) =>
    alarms.push({ key: `server ${kind}`, level, channel: undefined, text });
  if (server.freeDiskBytes < minFreeBytes) {
    raise("disk", "failure", `The disk is nearly full: ${free} are free, and no new broadcast is let in.`);
  } else if (server.freeDiskBytes < NEARLY * minFreeBytes) {
    raise(
      "disk",
      "warning",
      `The disk fills up: ${free} are free; below ${formatBytes(minFreeBytes)} nothing new begins.`,
    );
  }
  if (server.broadcasts >= server.maxBroadcasts) {
    raise("full", "warning", `${server.broadcasts} channels are live, as many as may be at once.`);
  }
  return alarms;
}

/** Failures before warnings; else as they come. */
export function worstFirst(alarms: readonly Alarm[]): Alarm[] {
  const rank = ({ level }: Alarm) => (level === "failure" ? 0 : 1);
  return alarms.toSorted((a, b) => rank(a) - rank(b));
}

/** Receivers of events that do not take them. */
export function hookAlarms(hooks: readonly Hook[]): Alarm[] {
  return hooks.flatMap(({ id, url, problem, pending }) => {
    if (problem === null || pending === 0) return [];
    const text = `The web hook ${url} does not take events (${problem}); ${pending} wait.`;
    return [{ key: `hook ${id}`, level: "warning" as const, channel: undefined, text }];
  });
}
