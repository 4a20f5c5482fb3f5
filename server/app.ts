import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import fastifyStatic from "@fastify/static";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyPluginAsync, LogController } from "fastify";
import type { WebSocketServer } from "ws";
import type { Broadcast } from "./broadcast/broadcast.ts";
import { BroadcastRegistry } from "./broadcast/registry.ts";
import type { Config } from "./config.ts";
import { type BroadcastRoutesOptions, broadcastRoutes } from "./control/broadcast-routes.ts";
import { controlRoutes } from "./control/routes.ts";
import { ConnectionLimit } from "./core/connection-limit.ts";
import { DiskFloor, diskTrouble } from "./core/disk.ts";
import { LiveError, messageOf } from "./core/errors.ts";
import { FolderLock } from "./core/folder-lock.ts";
import { isLoopback } from "./core/loopback.ts";
import { codeOf, openFileLimit } from "./core/open-files.ts";
import { RequestLimit } from "./core/request-limit.ts";
import { Scope } from "./core/scope.ts";
import { TlsFront } from "./core/tls-front.ts";
import { Admission } from "./delivery/admission.ts";
import { type CallerLimits, limitCallers } from "./delivery/callers.ts";
import { FrameHub } from "./delivery/frames/frame-hub.ts";
import { framesSocket } from "./delivery/frames/frames-socket.ts";
import { liveRoutes } from "./delivery/live-routes.ts";
import { liveSocket } from "./delivery/live-socket.ts";
import { pages } from "./delivery/pages.ts";
import { installProblems, problemOptions } from "./delivery/problems.ts";
import { refuseOtherSites } from "./delivery/same-site.ts";
import { LiveHub } from "./delivery/socket/hub.ts";
import { socketStats } from "./delivery/socket/stats.ts";
import { answerUnparsed } from "./delivery/unparsed.ts";
import { FramesListener } from "./ingest/frames/listener.ts";
import { httpIngest } from "./ingest/http.ts";
import type { Publishing } from "./ingest/publishing.ts";
import { RtmpListener } from "./ingest/rtmp/listener.ts";
import { MAX_MESSAGE_BYTES, websocketIngest } from "./ingest/websocket.ts";
import { LeftBroadcasts } from "./left-broadcasts.ts";
import { LiveBroadcast } from "./live-broadcast.ts";
import { showFrames } from "./live-frames.ts";
import { recorded, unrecorded } from "./log-places.ts";
import { LiveStore } from "./packaging/live-store.ts";
import type { Past } from "./packaging/past.ts";
import { PostListener } from "./packaging/post-listener.ts";
import { LIVE_SUBPROTOCOL } from "./protocol/live.ts";
import { PUBLISH_SUBPROTOCOL } from "./protocol/publish.ts";
import { Catalog } from "./recordings/catalog.ts";
import { Recorder } from "./recordings/recorder.ts";
import { recordingRoutes } from "./recordings/routes.ts";
import { remuxer } from "./remuxer.ts";
import { prepareFfmpeg } from "./transcode/ffmpeg.ts";
import { findFfmpeg } from "./transcode/find-ffmpeg.ts";

/** The running service. Dispose it to stop: broadcasts end cleanly, archives are complete, no process is left. */
export interface App extends AsyncDisposable {
  readonly url: string;
  /** Where RTMP publishers begin their addresses; undefined when there is no RTMP. */
  readonly rtmpUrl: string | undefined;
  /** Where publishers of image frames connect to; undefined when there is no such port. */
  readonly framesUrl: string | undefined;
}

/** When the server stops, encoders have this long to finish what has been published. */
const STOP_GRACE_MS = 4_000;

/** Clients have this long to answer the close of their socket. */
const GOODBYE_MS = 500;

/** Builds the service. Read it top to bottom: each part may use only the parts above it. */
export async function startApp(config: Config): Promise<App> {
  const scope = new Scope();
  try {
    const http = Fastify({
      ...problemOptions,
      logger: { level: config.logLevel },
      // A publisher's request lasts as long as the broadcast.
      requestTimeout: 0,
      forceCloseConnections: true,
      http: { maxHeaderSize: config.http.maxHeaderBytes },
      clientErrorHandler: answerUnparsed,
      logController: new LogController({ disableRequestLogging: true }),
    });
    const { binary, version } = await findFfmpeg(config.ffmpegPath);
    await prepareFfmpeg(binary);
    http.log.info({ binary, version }, "FFmpeg found");

    const report = (event: string, details: Record<string, unknown>) => http.log.warn(details, event);
    const dataDir = resolve(config.dataDir);
    await openDataDir(dataDir, report);
    scope.use(await FolderLock.take(dataDir));
    const catalog = new Catalog(join(dataDir, "recordings"));
    const recorder = scope.use(
      new Recorder({
        catalog,
        remux: remuxer(binary),
        report,
      }),
    );
    const left = await recorder.recover();
    // Logs that a crash left: without recording nobody wants them.
    await rm(join(dataDir, "unrecorded"), { recursive: true, force: true });

    const store = new LiveStore();
    scope.defer(() => store[Symbol.dispose]());
    const hub = new LiveHub(store, config.socket);
    scope.defer(() => hub[Symbol.dispose]());
    const frames = new FrameHub();
    scope.defer(() => frames[Symbol.dispose]());
    const admission = new Admission({ maxViewers: config.maxViewers, viewers: () => hub.size + frames.size });
    scope.defer(() => admission[Symbol.dispose]());
    const listener = scope.use(await PostListener.start());
    const live = new Map<string, LiveBroadcast>();
    const stopLive = () => Promise.all([...live.values()].map((broadcast) => broadcast.stop(STOP_GRACE_MS)));

    const carry = (broadcast: Broadcast, past?: Past, viewers?: LiveStore) => {
      const { id, channel } = broadcast;
      const folder = catalog.folderOf(broadcast);
      const carried = new LiveBroadcast(broadcast, {
        store: viewers,
        listener,
        encoding: { ...config, binary },
        partSeconds: config.partSeconds,
        windowSeconds: config.windowSeconds,
        recording: broadcast.isRecorded ? { recorder, folder, leave: () => leftBroadcasts.later(id) } : undefined,
        logger: http.log.child({ channel, broadcast: id }),
        past,
      });
      live.set(id, carried);
      void carried.done.then(() => live.delete(id));
      return carried;
    };
    const begin = (broadcast: Broadcast, past?: Past) => {
      void showFrames(broadcast, frames).catch((err: unknown) => http.log.error({ err }, "images cannot be shown"));
      return carry(broadcast, past, store);
    };
    const resumeMs = config.resumeSeconds * 1000;
    const registry = scope.use(
      new BroadcastRegistry({
        maxBroadcasts: config.maxBroadcasts,
        resumeMs,
        maxKbps: config.maxKbps,
        onBegin: begin,
        place: config.record ? recorded(catalog, recorder) : unrecorded(join(dataDir, "unrecorded")),
      }),
    );

    const floor = new DiskFloor(dataDir, config.minFreeMb);
    const leftBroadcasts = new LeftBroadcasts({
      registry,
      catalog,
      recorder,
      resumeMs,
      floor,
      begin,
      finish: (...over) => carry(...over),
      report,
    });
    const stopBroadcasts = async () => {
      const stopped = leftBroadcasts.stop();
      await registry[Symbol.asyncDispose]();
      await Promise.all([stopLive(), stopped]);
    };
    scope.defer(stopBroadcasts);
    await leftBroadcasts.goOn(left);

    const onFull = (why: string) => http.log.error(why);
    const connections = new ConnectionLimit({ ...config.connections, openFiles: await openFileLimit(), onFull });
    const publishing = publishingRules(registry, floor, config);
    const idleMs = config.idleSeconds * 1000;
    const limits = { connections, requests: new RequestLimit(config.requests) };
    await installHttp(http, {
      limits: { ...limits, maxHeaderBytes: config.http.maxHeaderBytes },
      operator: {
        admin: { token: config.adminToken, isLocal: isLoopback(config.http.host) },
        stop: (id, why) => registry.stop(id, why),
      },
      allowedOrigins: config.allowedOrigins,
      store,
      hub,
      admission,
      frames,
      catalog,
      publishing,
      idleMs,
      channels: {
        list: () => registry.live.flatMap((broadcast) => live.get(broadcast.id)?.state ?? []),
        on: (channel) => live.get(registry.on(channel)?.id ?? "")?.state,
        stats: () => ({
          items: registry.live.map(({ id, channel }) => {
            const socket = socketStats(hub.viewersOf(id));
            return { channel, broadcast: id, socket, frames: frames.statsOf(channel) };
          }),
        }),
      },
      pagesRoot: config.pages ? resolve(import.meta.dirname, "../web") : undefined,
      dataDir,
    });
    const url = await listen(http, config.http, connections, scope);
    const { host } = config.http;
    const ingest = { host, publishing, idleMs, limits };
    const rtmp = config.rtmpPort === undefined ? undefined : { ...ingest, port: config.rtmpPort };
    const rtmpListener = rtmp && scope.use(await RtmpListener.listen(rtmp));
    const imagesSaid = (event: string, details: Record<string, unknown>) => http.log.info(details, event);
    const image = { ...ingest, maxImageBytes: config.maxFrameBytes, report: imagesSaid };
    const images = config.framesPort === undefined ? undefined : { ...image, port: config.framesPort };
    const framesListener = images && scope.use(await FramesListener.listen(images));
    // Broadcasts end while their viewers can still fetch the end; only then the door is shut.
    scope.defer(stopBroadcasts);
    const urls = { url, rtmpUrl: rtmpListener?.url, framesUrl: framesListener?.url };
    return { ...urls, [Symbol.asyncDispose]: () => scope.close() };
  } catch (error) {
    await scope.close(error).catch(() => {});
    throw error;
  }
}

/** Makes the data folder. One that cannot be written is told of at once; what is recorded in it can be watched. */
async function openDataDir(
  dataDir: string,
  report: (event: string, details: Record<string, unknown>) => void,
): Promise<void> {
  await mkdir(dataDir, { recursive: true }).catch((error: unknown) => {
    throw new Error(`MILLRACE_DATA_DIR=${dataDir}: ${diskTrouble(error)}`, { cause: error });
  });
  const attempt = join(dataDir, `attempt-${process.pid}`);
  await writeFile(attempt, "attempt")
    .catch((error: unknown) => report("the data folder cannot be written", { dataDir, reason: diskTrouble(error) }))
    .finally(() => rm(attempt, { force: true }).catch(() => {}));
}

/** Opens the door, and leaves to `scope` what shuts it. */
async function listen(
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

interface HttpParts {
  readonly limits: CallerLimits;
  readonly operator: BroadcastRoutesOptions;
  /** Sites whose pages may publish, beside our own. */
  readonly allowedOrigins: readonly string[];
  readonly store: LiveStore;
  readonly hub: LiveHub;
  readonly frames: FrameHub;
  readonly admission: Admission;
  readonly catalog: Catalog;
  readonly publishing: Publishing;
  readonly idleMs: number;
  readonly channels: Parameters<typeof controlRoutes>[1]["channels"];
  /** Undefined: media and API without pages. */
  readonly pagesRoot: string | undefined;
  readonly dataDir: string;
}

async function installHttp(http: FastifyInstance, parts: HttpParts): Promise<void> {
  installProblems(http);
  limitCallers(http, parts.limits);
  await http.register(fastifyStatic, { root: parts.dataDir, serve: false });
  await http.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, handleProtocols: chooseProtocol },
    preClose: () => closeSockets(http.websocketServer),
    errorHandler: (error, socket, request) => {
      // A client that breaks the protocol is its own fault, and is being told so: cut off now, it might not hear it.
      const isProtocol = "code" in error && String(error.code).startsWith("WS_ERR_");
      if (isProtocol) return request.log.info({ reason: error.message }, "a client broke the WebSocket protocol");
      request.log.error({ err: error }, "a socket failed");
      socket.terminate();
    },
  });
  await http.register(controlRoutes, { channels: parts.channels });
  await http.register(changes, parts);
  await http.register(liveRoutes, parts);
  await http.register(liveSocket, { hub: parts.hub, admission: parts.admission });
  await http.register(framesSocket, parts);
  await http.register(recordingRoutes, { catalog: parts.catalog });
  if (parts.pagesRoot !== undefined) await http.register(pages, { root: parts.pagesRoot });
}

/** What changes something, for programs and for our own pages: the ways in over HTTP, and the operator's. */
const changes: FastifyPluginAsync<HttpParts> = async (app, parts) => {
  const { publishing, idleMs, allowedOrigins, operator } = parts;
  app.addHook("onRequest", async (request) => refuseOtherSites(request, allowedOrigins));
  await app.register(httpIngest, { publishing, idleMs });
  await app.register(websocketIngest, { publishing, idleMs });
  await app.register(broadcastRoutes, operator);
};

/** Of what a client offers, what we speak; the routes refuse what is not theirs. */
function chooseProtocol(asked: Set<string>): string | false {
  return [LIVE_SUBPROTOCOL, PUBLISH_SUBPROTOCOL].find((known) => asked.has(known)) ?? false;
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

/** Who may publish (contract §8). */
function publishingRules(registry: BroadcastRegistry, floor: DiskFloor, config: Config): Publishing {
  const checkKey = () => {
    if (config.publish === "open") return;
    throw new LiveError("bad_key", `publishing needs a key here (MILLRACE_PUBLISH=${config.publish})`);
  };
  return {
    check: async (channel) => {
      checkKey();
      await floor.check();
      await registry.check(channel);
    },
    publish: (channel, _key, scanner) => {
      checkKey();
      return registry.publish(channel, scanner);
    },
    begin: async (channel) => {
      checkKey();
      await floor.check();
      return registry.begin(channel);
    },
    resume: async (channel, _key, { broadcast, token }) => {
      checkKey();
      return registry.resume(channel, broadcast, token);
    },
  };
}
