import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { isLiveError, LiveError, messageOf } from "../core/errors.ts";
import { needSocket } from "../core/socket-only.ts";
import { closeSocket } from "./close.ts";
import { IdleWatch } from "./idle-watch.ts";
import { publishRequest } from "./publish-request.ts";
import type { IngestOptions, Permit, Publication, PublicationEnd } from "./publishing.ts";
import { asksToResume, serveResumable } from "./resumable.ts";

/** Close codes of RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const UNACCEPTABLE_DATA = 1003;
const POLICY_VIOLATION = 1008;

/**
 * Publishing over a WebSocket: each binary message is the next bytes of the stream (contract §4). A publisher that asks
 * for the subprotocol may lose its connection and go on; for all others the connection is the broadcast.
 */
export const websocketIngest: FastifyPluginAsync<IngestOptions> = async (app, options) => {
  const { publishing, idleMs } = options;
  const permits = new WeakMap<FastifyRequest, Permit>();
  app.get(
    "/publish/:channel",
    {
      websocket: true,
      preValidation: async (request) => {
        needSocket(request, "; without one, send the stream with POST or PUT");
        if (asksToResume(request)) return;
        refuseSubprotocols(request);
        permits.set(request, await publishing.admit(publishRequest(request)));
      },
    },
    (socket, request) => {
      if (asksToResume(request)) return serveResumable(socket, request, options);
      try {
        const bytesRead = () => request.raw.socket.bytesRead;
        const publication = permits.get(request)?.publish();
        if (publication === undefined) throw new LiveError("bad_request", "this request was not admitted");
        new PlainPublisher(socket, publication, { bytesRead, idleMs });
      } catch (error) {
        refuse(socket, error);
      }
    },
  );
};

/** One plain publisher: writes its messages one after the other, and lets it wait while the archive is behind. */
class PlainPublisher {
  readonly #socket: WebSocket;
  readonly #publication: Publication;
  readonly #idle: IdleWatch;
  /** Aborts when nothing more will be read. */
  readonly #gone = new AbortController();
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #over = false;

  constructor(socket: WebSocket, publication: Publication, how: { bytesRead: () => number; idleMs: number }) {
    this.#socket = socket;
    this.#publication = publication;
    this.#idle = new IdleWatch({
      bytesRead: how.bytesRead,
      limitMs: how.idleMs,
      isPaused: () => this.#waiting > 0,
      onIdle: (why) => this.#letGo(why),
    });
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#take(data, isBinary));
    socket.on("close", (code: number) => this.#end(code === 1000 || code === GOING_AWAY ? "finished" : "disconnected"));
    // `close` follows with the code; there is nothing to add.
    socket.on("error", () => {});
    publication.stopped.addEventListener("abort", () => this.#stop(publication.stopped.reason), { once: true });
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (this.#over) return;
    if (!isBinary) {
      const error = new LiveError("bad_request", "text is not expected here: send the stream as binary messages");
      return this.#fail(error, UNACCEPTABLE_DATA);
    }
    this.#waiting++;
    // Messages that have arrived already still come after this; the archive's limit and the largest message bound them.
    this.#socket.pause();
    this.#writing = this.#writing
      .then(() => this.#publication.write(data))
      .then(() => this.#publication.room(this.#gone.signal))
      .catch((error: unknown) => this.#fail(error, POLICY_VIOLATION))
      .finally(() => {
        this.#waiting--;
        if (data.byteLength > 0) this.#idle.heard();
        // Also while it closes: a paused socket would never see the other side's close.
        if (this.#waiting === 0) this.#socket.resume();
      });
  }

  #fail(error: unknown, code: number): void {
    refuse(this.#socket, error, code);
    this.#finish({ reason: "failed", error });
  }

  /** The server ends the broadcast; what it stops for is no fault of the publisher's. */
  #stop(why: unknown): void {
    if (isLiveError(why, "restarting")) this.#socket.close(GOING_AWAY, why.message);
    else refuse(this.#socket, why);
    this.#gone.abort();
  }

  /** Nothing has come for too long: what came before is a whole broadcast. */
  #letGo(why: LiveError): void {
    refuse(this.#socket, why);
    this.#end("disconnected");
  }

  #end(reason: "finished" | "disconnected"): void {
    this.#finish({ reason });
  }

  #finish(end: PublicationEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#gone.abort();
    this.#idle[Symbol.dispose]();
    this.#publication.leave();
    const finished = this.#writing.then(() => this.#publication.finish(end));
    finished.catch((error: unknown) => refuse(this.#socket, error));
  }
}

function refuseSubprotocols(request: FastifyRequest): void {
  const asked = request.headers["sec-websocket-protocol"];
  if (asked !== undefined) throw new LiveError("bad_request", `the subprotocol ${asked} is not offered here`);
}

/** Says why in a text message, which browsers show to scripts, and closes. */
function refuse(socket: WebSocket, error: unknown, code = POLICY_VIOLATION): void {
  if (socket.readyState !== socket.OPEN) return;
  const reason = messageOf(error);
  socket.send(`ERROR: ${reason}`);
  closeSocket(socket, code, reason);
}
