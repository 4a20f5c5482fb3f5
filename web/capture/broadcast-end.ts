import { CaptureFailure } from "./failures.ts";
import type { Recorder } from "./recorder.ts";
import type { CaptureSource } from "./source.ts";
import type { Uplink } from "./uplink.ts";

/** Where a broadcast stands; the words of contract §7. */
export type PublisherState = "idle" | "connecting" | "live" | "reconnecting" | "ended" | "error";

/** A state and what to say about it. */
export interface PublisherStatus {
  readonly state: PublisherState;
  readonly text: string;
}

/** Ended as it should. */
export const STOPPED: PublisherStatus = { state: "ended", text: "The broadcast has ended." };
/** More waits in the socket than may. */
export const TOO_SLOW: PublisherStatus = {
  state: "error",
  text: "The connection is too slow for this bit rate: too much video was waiting. Start again with less.",
};
/** Whatever ends the broadcast first decides what is said about it. */
export function firstEnd(
  source: CaptureSource,
  recorder: Recorder,
  uplink: Uplink,
  others: readonly Promise<PublisherStatus>[],
): Promise<PublisherStatus> {
  const sourceEnded = source.ended.then(
    ({ kind, text }): PublisherStatus => ({ state: kind === "stopped" ? "ended" : "error", text }),
  );
  const recorderFailed = recorder.failed.then((text): PublisherStatus => ({ state: "error", text }));
  const uplinkEnded = uplink.ended.then(
    (end): PublisherStatus => (end.kind === "finished" ? STOPPED : { state: "error", text: end.text }),
  );
  return Promise.race([sourceEnded, recorderFailed, uplinkEnded, ...others]);
}

/** Becomes this status when the signal aborts. */
export function aborted(signal: AbortSignal, status: PublisherStatus): Promise<PublisherStatus> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(status);
    signal.addEventListener("abort", () => resolve(status), { once: true });
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
