import type { StartPulse } from "./line.ts";
import { startTicker } from "./ticker.ts";

const BEATS_PER_SECOND = 4;

/** The pulse of this page: beats from a worker, because a page in the background has only slow timers. */
export const startPagePulse: StartPulse = ({ onBeat, onWake }) => {
  const stopBeating = startTicker(BEATS_PER_SECOND, onBeat);
  const stop = new AbortController();
  const wakeIfVisible = () => {
    if (document.visibilityState === "visible") onWake();
  };
  addEventListener("online", onWake, { signal: stop.signal });
  document.addEventListener("visibilitychange", wakeIfVisible, { signal: stop.signal });
  return () => {
    stopBeating();
    stop.abort();
  };
};
