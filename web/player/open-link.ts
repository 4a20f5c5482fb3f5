import { LIVE_SUBPROTOCOL } from "../../server/protocol/live.ts";
import { nowMs } from "../ui/server-clock.ts";
import { LiveLink } from "./socket/link.ts";
import { browserWire } from "./socket/wire.ts";

const ANSWER_MS = 3_000;

/** A link to a channel's live socket, waiting for the channel where it is not live. `address` without a query. */
export function openLink(address: string): LiveLink {
  return new LiveLink({
    addressOf: (video) => `${address}?wait=1${video === undefined ? "" : `&video=${encodeURIComponent(video)}`}`,
    openWire: browserWire(LIVE_SUBPROTOCOL),
    isServerThere,
    nowMs,
  });
}

/** Any answer will do: a socket that fails meanwhile is kept from us by something in between. */
async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false;
  }
}
