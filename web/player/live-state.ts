/** What the API says about a channel, as far as a viewer cares. */
export type Polled = { readonly id: string; readonly ready: boolean } | undefined;

/** Where a viewer of a channel stands. `over` is the broadcast that was watched last. */
export type LivePhase =
  | { readonly name: "offline" }
  /** Live, but no segment is listed yet. */
  | { readonly name: "preparing" }
  | { readonly name: "watching"; readonly id: string }
  /** The broadcast is over; what is buffered plays out. */
  | { readonly name: "draining"; readonly id: string }
  /** `over` is undefined once the server has said so, too: whatever is live then is worth opening. */
  | { readonly name: "ended"; readonly over: string | undefined; readonly doubts: number }
  | { readonly name: "failed"; readonly id: string };

/** What happens to a viewer. */
export type LiveEvent =
  /** `sure`: it was told the moment it happened, not asked for now and then. */
  | { readonly type: "polled"; readonly broadcast: Polled; readonly sure?: boolean }
  /** The picture came to its end, or stands still after the broadcast's end. */
  | { readonly type: "played-out" }
  | { readonly type: "gave-up" };

/** What to do with the player: open it for the channel, let it play out what it has, or close it. */
export type LiveAction = "none" | "open" | "wind-down" | "close";

/** A new phase and what it asks for. */
export interface LiveStep {
  readonly phase: LivePhase;
  readonly action: LiveAction;
}

/** So many polls must say that a broadcast is still live before the end of its picture is not believed. */
const MAX_DOUBTS = 5;

/** The life of a viewer of a channel: wait, watch, play out, wait for the next broadcast. */
export function nextLive(phase: LivePhase, event: LiveEvent): LiveStep {
  if (event.type === "polled") return onPolled(phase, event.broadcast, event.sure ?? false);
  if (phase.name !== "watching" && phase.name !== "draining") return { phase, action: "none" };
  if (event.type === "gave-up") return { phase: { name: "failed", id: phase.id }, action: "close" };
  return { phase: { name: "ended", over: phase.id, doubts: 0 }, action: "close" };
}

function onPolled(phase: LivePhase, broadcast: Polled, sure: boolean): LiveStep {
  switch (phase.name) {
    case "offline":
    case "preparing":
      return arrive(broadcast, { name: "offline" });
    case "watching":
      return onPolledWatching(phase, broadcast);
    case "draining":
      if (broadcast?.id === phase.id) return { phase: { name: "watching", id: phase.id }, action: "none" };
      return { phase, action: broadcast === undefined ? "none" : "wind-down" };
    case "ended":
      return onPolledEnded(phase, broadcast, sure);
    case "failed":
      return broadcast?.id === phase.id ? { phase, action: "none" } : arrive(broadcast, { name: "offline" });
  }
}

/** The channel's addresses belong to the new broadcast at once, so nothing more may be loaded for the old one. */
function onPolledWatching(phase: LivePhase & { name: "watching" }, broadcast: Polled): LiveStep {
  if (broadcast?.id === phase.id) return { phase, action: "none" };
  return { phase: { name: "draining", id: phase.id }, action: broadcast === undefined ? "none" : "wind-down" };
}

/** The end of the picture comes a little before the API knows; only if the API insists, the picture is opened again. */
function onPolledEnded(phase: LivePhase & { name: "ended" }, broadcast: Polled, sure: boolean): LiveStep {
  if (broadcast === undefined) return { phase: { ...phase, over: undefined }, action: "none" };
  if (sure || broadcast.id !== phase.over) return arrive(broadcast, phase);
  if (phase.doubts < MAX_DOUBTS) return { phase: { ...phase, doubts: phase.doubts + 1 }, action: "none" };
  return arrive(broadcast, phase);
}

function arrive(broadcast: Polled, otherwise: LivePhase): LiveStep {
  if (broadcast === undefined) return { phase: otherwise, action: "none" };
  if (!broadcast.ready) return { phase: { name: "preparing" }, action: "none" };
  return { phase: { name: "watching", id: broadcast.id }, action: "open" };
}
