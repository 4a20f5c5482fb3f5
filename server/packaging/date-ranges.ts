import type { DateRange } from "../media/m3u8.ts";
import type { EventStreamEvent } from "../media/mpd.ts";
import type { MediaEvent } from "./media-events.ts";

/** Whose events these are, in playlists and manifests. */
const EVENT_CLASS = "live.millrace.analysis";
export const EVENT_SCHEME = "urn:millrace:analysis:2026";

/** An event as a date range; one that goes on has no length yet and gets it in a later playlist (RFC 8216bis §4.4.5.1). */
export function dateRangeOf(event: MediaEvent): DateRange {
  return {
    id: `analysis-${event.id}`,
    className: `${EVENT_CLASS}.${event.type}`,
    startDate: event.at,
    seconds: event.durationMs === null ? undefined : event.durationMs / 1000,
    facts: { mediaTime: event.startMs / 1000, ...event.data },
  };
}

/** An event as one of a period that begins at `beginSeconds`; what began before it has lost that much of its length. */
export function periodEventOf(event: MediaEvent, beginSeconds: number): EventStreamEvent {
  const startMs = Math.max(event.startMs, Math.round(beginSeconds * 1000));
  const { id, type, durationMs } = event;
  return {
    id,
    startMs: startMs - Math.round(beginSeconds * 1000),
    durationMs: durationMs === null ? undefined : Math.max(0, durationMs - (startMs - event.startMs)),
    message: JSON.stringify({ type, startMs: event.startMs, at: event.at, ...event.data }),
  };
}
