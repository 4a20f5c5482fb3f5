import type { IncomingHttpHeaders } from "node:http";
import { LiveError } from "./errors.ts";

/** A request that may be a WebSocket's. */
interface Asking {
  readonly ws: boolean;
}

/** Refuses a plain request to an address that only a WebSocket has use for; `instead` says what else there is. */
export function needSocket({ ws }: Asking, instead = ""): void {
  if (!ws) throw new LiveError("bad_request", `this address is for WebSockets${instead}`);
}

/** Refuses, with `bad_request`, what is no WebSocket that asks for the subprotocol `name`, alone or among others. */
export function needSubprotocol(request: Asking & { readonly headers: IncomingHttpHeaders }, name: string): void {
  needSocket(request);
  const asked = request.headers["sec-websocket-protocol"]?.split(",").map((each) => each.trim()) ?? [];
  if (!asked.includes(name)) {
    throw new LiveError("bad_request", `this socket speaks ${name}: ask for that subprotocol`);
  }
}
