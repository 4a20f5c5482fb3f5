import { type EventType, eventType, type ServerEvent, serverEvent } from "../../server/protocol/events.ts";
import { withQuery } from "../ui/addresses.ts";
import { pause } from "../ui/poll.ts";
import { EventParser } from "./event-parser.ts";

const RETRY_MS = 2_000;
/** Ids are microseconds of the server's clock, so a time is a place to begin at. */
const IDS_PER_MS = 1_000;
/** So frequent that they would hide all others. */
const NOISE: ReadonlySet<EventType> = new Set(["analysis"]);

/** Whom to tell of what happens. */
export interface EventStreamOptions {
  readonly token: () => string | undefined;
  /** Only those of one channel. */
  readonly channel?: string | undefined;
  /** What happened since, is told first. */
  readonly sinceMs: number;
  readonly onEvent: (event: ServerEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Listens to what happens until the signal aborts; connections that end are made anew, and nothing is missed or told
 * twice. `EventSource` cannot send the operator's token, so this is `fetch`.
 */
export async function followEvents({ token, channel, sinceMs, onEvent, signal }: EventStreamOptions): Promise<void> {
  const types = eventType.options.filter((type) => !NOISE.has(type)).join(",");
  const address = withQuery("/api/v1/events", { types, ...(channel === undefined ? {} : { channel }) });
  let last = Math.max(1, Math.floor(sinceMs * IDS_PER_MS));
  const tell = (event: ServerEvent) => {
    last = event.id;
    onEvent(event);
  };
  while (!signal.aborted) {
    const shown = token();
    const authorization = shown === undefined ? {} : { authorization: `Bearer ${shown}` };
    const headers: Record<string, string> = { "last-event-id": String(last), ...authorization };
    try {
      const response = await fetch(address, { headers, cache: "no-store", signal });
      if (response.ok && response.body !== null) await readEvents(response.body, tell);
    } catch {
      // The figures of the page say that the server cannot be reached.
    }
    await pause(RETRY_MS, signal);
  }
}

/** Tells of every event in a stream until it ends. What is not understood is left out: the server may be newer. */
async function readEvents(body: ReadableStream<Uint8Array>, onEvent: (event: ServerEvent) => void): Promise<void> {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const { data } of parser.take(decoder.decode(value, { stream: true }))) {
      const parsed = serverEvent.safeParse(jsonOf(data));
      if (parsed.success) onEvent(parsed.data);
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
