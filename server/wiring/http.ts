import fastifyStatic from "@fastify/static";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyPluginAsync, LogController } from "fastify";
import type { WebSocketServer } from "ws";
import { type ChatSocketOptions, chatSocket, noChatSocket } from "../chat/chat-socket.ts";
import { type ChatReplayOptions, chatReplayRoutes } from "../chat/replay-routes.ts";
import type { Config } from "../config.ts";
import { type ApiOptions, api } from "../control/api.ts";
import type { ConnectionLimit } from "../core/connection-limit.ts";
import { codeOf, messageOf } from "../core/errors.ts";
import type { Scope } from "../core/scope.ts";
import { TlsFront } from "../core/tls-front.ts";
import { trusting } from "../core/trusted-proxies.ts";
import type { Admission } from "../delivery/admission.ts";
import { type CallerLimits, isReading, limitCallers } from "../delivery/callers.ts";
import type { Demand } from "../delivery/demand.ts";
import type { FrameHub } from "../delivery/frames/frame-hub.ts";
import { framesSocket } from "../delivery/frames/frames-socket.ts";
import { liveRoutes } from "../delivery/live-routes.ts";
import { liveSocket } from "../delivery/live-socket.ts";
import { type PagesOptions, pages, sendMissingPage } from "../delivery/pages.ts";
import { installProblems, problemOptions } from "../delivery/problems.ts";
import { refuseOtherSites } from "../delivery/same-site.ts";
import type { LiveHub } from "../delivery/socket/hub.ts";
import { answerUnparsed } from "../delivery/unparsed.ts";
import { noticeUntrustedProxy } from "../delivery/untrusted-proxy.ts";
import type { ViewerBook } from "../delivery/viewers/viewer-book.ts";
import { guardWatching, takeToken, type WatchRule } from "../delivery/watch-token.ts";
import type { WatchingSockets } from "../delivery/watching-sockets.ts";
import { httpIngest } from "../ingest/http.ts";
import type { Publishing } from "../ingest/publishing.ts";
import { websocketIngest } from "../ingest/websocket.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import { CHAT_SUBPROTOCOL } from "../protocol/chat.ts";
import { LIVE_SUBPROTOCOL } from "../protocol/live.ts";
import { PUBLISH_SUBPROTOCOL } from "../protocol/publish.ts";
import { type RecordingRoutesOptions, recordingRoutes } from "../recordings/routes.ts";

/** Clients have this long to answer the close of their socket. */
const GOODBYE_MS = 500;

/** The HTTP server, without routes and not yet listening; its logger is everybody's. */
export function createHttp(config: Config): FastifyInstance {
  return Fastify({
    ...problemOptions,
    logger: { level: config.logLevel },
    // A publisher's request lasts as long as the broadcast.
    requestTimeout: 0,
    forceCloseConnections: true,
    http: { maxHeaderSize: config.http.maxHeaderBytes },
    rewriteUrl: takeToken,
    ...trusting(config.trustedProxies),
    clientErrorHandler: answerUnparsed,
    logController: new LogController({ disableRequestLogging: true }),
  });
}

/** Opens the door, and leaves to `scope` what shuts it. */
export async function listen(
  http: FastifyInstance,
  { host, port, maxHeaderBytes, tls }: Config["http"],
  connections: ConnectionLimit,
  scope: Scope,
): Promise<string> {
  if (tls === undefined) {
    connections.watch(http.server);
    scope.defer(() => http.close());
    return http.listen({ host, port });
  }
  await http.ready();
  const onCertificate = (problem: string | undefined) => {
    if (problem === undefined) http.log.info("the certificate has been renewed");
    else http.log.warn({ problem }, "the new certificate cannot be used; the one before stays");
  };
  try {
    const front = scope.use(
      await TlsFront.listen(http.server, { host, port, ...tls, connections, maxHeaderBytes, onCertificate }),
    );
    // Clients are told goodbye before their connections are cut.
    scope.defer(() => http.close());
    return `https://${host.includes(":") ? `[${host}]` : host}:${front.port}`;
  } catch (error) {
    if (codeOf(error)?.startsWith("EA") === true) throw error;
    const files = `MILLRACE_TLS_CERT=${tls.certFile}, MILLRACE_TLS_KEY=${tls.keyFile}`;
    throw new Error(`HTTPS cannot be served (${files}): ${messageOf(error)}`, { cause: error });
  }
}

/** What the routes serve. */
export interface HttpParts extends RecordingRoutesOptions {
  readonly limits: CallerLimits;
  /** No proxy is named: that one is there is news then. */
  readonly trustsNoProxy: boolean;
  /** Of a WebSocket. */
  readonly maxMessageBytes: number;
  readonly api: ApiOptions;
  /** Who may watch what. */
  readonly watching: WatchRule;
  /** Those over which that is. */
  readonly sockets: WatchingSockets;
  /** Channels that begin when somebody wants to watch them. */
  readonly demand: Demand;
  /** Sites whose pages may publish, beside our own. */
  readonly allowedOrigins: readonly string[];
  readonly store: LiveStore;
  readonly hub: LiveHub;
  readonly frames: FrameHub;
  readonly book: ViewerBook;
  readonly admission: Admission;
  /** Undefined: there is no chat. */
  readonly chat: (ChatSocketOptions & ChatReplayOptions) | undefined;
  readonly publishing: Publishing;
  readonly idleMs: number;
  /** Undefined: media and API without pages. */
  readonly pages: PagesOptions | undefined;
  readonly dataDir: string;
}

/** Installs everything that is answered over HTTP. */
export async function installHttp(http: FastifyInstance, parts: HttpParts): Promise<void> {
  const root = parts.pages?.root;
  installProblems(http, root === undefined ? undefined : (reply) => sendMissingPage(reply, root));
  limitCallers(http, parts.limits);
  if (parts.trustsNoProxy) noticeUntrustedProxy(http);
  await http.register(fastifyStatic, { root: parts.dataDir, serve: false });
  await http.register(fastifyWebsocket, {
    options: { maxPayload: parts.maxMessageBytes, handleProtocols: chooseProtocol },
    preClose: () => closeSockets(http.websocketServer),
    errorHandler: (error, socket, request) => {
      // A client that breaks the protocol is its own fault, and is being told so: cut off now, it might not hear it.
      const isProtocol = codeOf(error)?.startsWith("WS_ERR_") === true;
      if (isProtocol) return request.log.info({ reason: error.message }, "a client broke the WebSocket protocol");
      request.log.error({ err: error }, "a socket failed");
      socket.terminate();
    },
  });
  await http.register(changes, parts);
  await http.register(watching, parts);
  if (parts.pages !== undefined) await http.register(pages, parts.pages);
}

/** What changes something, for programs and for our own pages: the ways in over HTTP, and the API. */
const changes: FastifyPluginAsync<HttpParts> = async (app, parts) => {
  const { publishing, idleMs, allowedOrigins } = parts;
  app.addHook("onRequest", async (request) => {
    if (!isReading(request)) refuseOtherSites(request, allowedOrigins);
  });
  await app.register(httpIngest, { publishing, idleMs });
  await app.register(websocketIngest, { publishing, idleMs });
  await app.register(api, parts.api);
};

/** What is watched, live or again, by those who may. */
const watching: FastifyPluginAsync<HttpParts> = async (app, parts) => {
  guardWatching(app, parts.watching);
  parts.sockets.follow(app.websocketServer);
  await app.register(liveRoutes, parts);
  await app.register(liveSocket, { hub: parts.hub, admission: parts.admission });
  await app.register(framesSocket, parts);
  await app.register(recordingRoutes, parts);
  if (parts.chat === undefined) return void (await app.register(noChatSocket));
  await app.register(chatReplayRoutes, parts.chat);
  await app.register(chatting, parts);
};

/** Who comes from another site's page would write, or even moderate, without knowing it. */
const chatting: FastifyPluginAsync<HttpParts> = async (app, { chat, allowedOrigins }) => {
  if (chat === undefined) return;
  app.addHook("onRequest", async (request) => refuseOtherSites(request, allowedOrigins));
  await app.register(chatSocket, chat);
};

/** Of what a client offers, what we speak; the routes refuse what is not theirs. */
function chooseProtocol(asked: Set<string>): string | false {
  return [LIVE_SUBPROTOCOL, CHAT_SUBPROTOCOL, PUBLISH_SUBPROTOCOL].find((known) => asked.has(known)) ?? false;
}

/** Says goodbye to every client, and cuts off who does not answer: a hanging one must not hold up the end. */
async function closeSockets(sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) client.close(1012, "the server is stopping");
  const timer = setTimeout(() => {
    for (const client of sockets.clients) client.terminate();
  }, GOODBYE_MS);
  await new Promise((resolve) => sockets.close(resolve));
  clearTimeout(timer);
}
