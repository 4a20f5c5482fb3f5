import type { IncomingMessage } from "node:http";
import type { WebSocket, WebSocketServer } from "ws";
import { messageOf } from "../core/errors.ts";
import { LIVE_CLOSE } from "../protocol/live.ts";
import { passOf, type WatchRule } from "./watch-token.ts";

/**
 * The sockets that channels are watched over, with what let each of them in. Requests are asked for it one by one; a
 * socket is asked once, and has to be asked again when the answer may have become another.
 */
export class WatchingSockets {
  readonly #rule: Pick<WatchRule, "check">;
  /** By channel, each with its token. */
  readonly #sockets = new Map<string, Map<WebSocket, string | undefined>>();

  constructor(rule: Pick<WatchRule, "check">) {
    this.#rule = rule;
  }

  /** Sockets that are there; tests prove with it that none is kept. */
  get size(): number {
    return [...this.#sockets.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Knows every socket from now on that somebody watches over. */
  follow(server: WebSocketServer): void {
    server.on("connection", (socket: WebSocket, request: IncomingMessage) => {
      const pass = passOf(request);
      if (pass !== undefined) this.#add(socket, pass.channel, pass.token);
    });
  }

  /** Lets go whoever may not watch the channel any more. */
  recheck(channel: string): void {
    for (const [socket, token] of this.#sockets.get(channel) ?? []) {
      try {
        this.#rule.check(channel, token);
      } catch (error) {
        socket.close(LIVE_CLOSE.forbidden, messageOf(error));
      }
    }
  }

  #add(socket: WebSocket, channel: string, token: string | undefined): void {
    const sockets = this.#sockets.get(channel) ?? new Map<WebSocket, string | undefined>();
    this.#sockets.set(channel, sockets.set(socket, token));
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#sockets.get(channel) === sockets) this.#sockets.delete(channel);
    });
  }
}
