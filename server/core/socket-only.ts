import { LiveError } from "./errors.ts";

/** A request that may be a WebSocket's. */
interface Asking {
  readonly ws: boolean;
}

/** Refuses a plain request to an address that only a WebSocket has use for; `instead` says what else there is. */
export function needSocket({ ws }: Asking, instead = ""): void {
  if (!ws) throw new LiveError("bad_request", `this address is for WebSockets${instead}`);
}
