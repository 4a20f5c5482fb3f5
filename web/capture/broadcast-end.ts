import { CaptureFailure } from "./failures.ts";

/** Where a broadcast stands; the words of contract §7. */
export type PublisherState = "idle" | "connecting" | "live" | "reconnecting" | "ended" | "error";

/** A state and what to say about it. */
export interface PublisherStatus {
  readonly state: PublisherState;
  readonly text: string;
}

/** Nothing runs, and nothing is in the way. */
export const READY: PublisherStatus = { state: "idle", text: "Ready. Press Start to go live." };
/** Ended as it should. */
export const STOPPED: PublisherStatus = { state: "ended", text: "The broadcast has ended." };
/** The page may keep no more. What it keeps is still delivered. */
export const FULL: PublisherStatus = {
  state: "error",
  text: "The server could not be reached for so long that this device has no more room: the recording has stopped.",
};

/** Ended without waiting for what had not arrived yet. */
export function givenUp(keptMs: number): PublisherStatus {
  const seconds = Math.round(keptMs / 1000);
  if (seconds < 1) return STOPPED;
  return { state: "ended", text: `The broadcast has ended. Its last ${seconds} s were given up.` };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

/** What to say about something that was thrown. */
export function statusOf(error: unknown): PublisherStatus {
  if (error instanceof CaptureFailure) return { state: "error", text: error.message };
  const words = error instanceof Error ? error.message : String(error);
  return { state: "error", text: `Something went wrong on this page: ${words}` };
}

/** Waits for `work`, but not for ever. */
export function withinMs(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
