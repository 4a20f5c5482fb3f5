import type { LivePhase } from "./live-state.ts";
import type { Progress } from "./progress.ts";

/** The states of contract §7. */
export type WatchState = "loading" | "playing" | "stalled" | "offline" | "ended" | "error";

/** What the page shows: a state, a short line, and words in place of a picture when there is none. */
export interface WatchStatus {
  readonly state: WatchState;
  readonly text: string;
  readonly curtain: string | undefined;
}

/** What the words about a live channel depend on besides the phase. */
export interface LiveFacts {
  readonly channel: string;
  readonly reachable: boolean;
  readonly failure: string | undefined;
  /** Why the server shows nothing new of what is live. */
  readonly trouble: string | undefined;
}

/** The words for a viewer of a channel. */
export function liveStatus(phase: LivePhase, progress: Progress, facts: LiveFacts): WatchStatus {
  const away = facts.reachable ? facts.trouble : "The server cannot be reached. Trying again…";
  switch (phase.name) {
    case "offline":
      return covered("offline", "Offline", away ?? `${facts.channel} is not live now. The picture starts by itself.`);
    case "preparing":
      return facts.trouble === undefined
        ? covered("loading", "Starting…", "The broadcast is about to start.")
        : covered("error", "Cannot play", facts.trouble);
    case "ended":
      return covered("ended", "Ended", away ?? "The broadcast has ended. The next one starts here by itself.");
    case "failed":
      return covered("error", "Cannot play", facts.failure ?? "This broadcast cannot be played.");
    case "watching":
      return watchingStatus(progress, away);
    case "draining":
      return open("playing", progress === "paused" ? "Paused" : "Ending…");
  }
}

function watchingStatus(progress: Progress, away: string | undefined): WatchStatus {
  const status = pictureStatus(progress, "Live");
  const still = progress === "waiting" || progress === "stalled";
  return away !== undefined && still ? { ...status, text: away } : status;
}

/** The words for what a picture does that is there or about to be. */
export function pictureStatus(progress: Progress, playing: string): WatchStatus {
  switch (progress) {
    case "waiting":
      return open("loading", "Loading…");
    case "playing":
      return open("playing", playing);
    case "paused":
      return open("playing", "Paused");
    case "stalled":
      return open("stalled", "Waiting for the picture…");
    case "ended":
      return open("ended", "Ended");
  }
}

/** A status without a picture. */
export function covered(state: WatchState, text: string, curtain: string): WatchStatus {
  return { state, text, curtain };
}

function open(state: WatchState, text: string): WatchStatus {
  return { state, text, curtain: undefined };
}
