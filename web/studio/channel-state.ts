import type { Channel } from "../../server/protocol/api.ts";
import { formatDuration } from "../ui/format.ts";

/** How a channel is, for its coloured dot and in words. */
export interface ChannelState {
  readonly state: "live" | "connecting" | "reconnecting" | "error" | "offline";
  readonly text: string;
}

/** The state of a channel in words. */
export function channelState({ broadcast, onDemand }: Channel, nowMs: number): ChannelState {
  if (broadcast === null) return { state: "offline", text: onDemand ? "Starts when somebody watches" : "Offline" };
  const forHow = (since: string) => formatDuration(nowMs - Date.parse(since));
  const { failure, interruptedSince, ready, startedAt } = broadcast;
  if (failure !== null) return { state: "error", text: "Nobody can watch; what is sent is still taken" };
  if (interruptedSince !== null) return { state: "reconnecting", text: `Interrupted for ${forHow(interruptedSince)}` };
  if (!ready) return { state: "connecting", text: "Starting" };
  return { state: "live", text: `Live for ${forHow(startedAt)}` };
}

/** Those that want looking after first: live ones by name, then the others by name. */
export function byImportance(channels: readonly Channel[]): Channel[] {
  return channels.toSorted((a, b) => Number(b.live) - Number(a.live) || a.name.localeCompare(b.name));
}
