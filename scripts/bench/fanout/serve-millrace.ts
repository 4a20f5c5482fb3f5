import fastifyWebsocket from "@fastify/websocket";
import Fastify, { LogController } from "fastify";
import { ConnectionLimit } from "../../../server/core/connection-limit.ts";
import { LiveError } from "../../../server/core/errors.ts";
import { Admission } from "../../../server/delivery/admission.ts";
import { liveRoutes } from "../../../server/delivery/live-routes.ts";
import { liveSocket } from "../../../server/delivery/live-socket.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";
import { LiveHub } from "../../../server/delivery/socket/hub.ts";
import { LiveStore } from "../../../server/packaging/live-store.ts";
import { LIVE_SUBPROTOCOL } from "../../../server/protocol/live.ts";
import { readLoop } from "./media.ts";
import { readOptions, ready } from "./serve.ts";
import { keepTime, Stage, secondsBefore, sharedMs } from "./stage.ts";
import { BROADCAST, CHANNEL } from "./talk.ts";

/** Packaging and delivery as server/app.ts wires them, with a broadcast of which every chunk is there when it is due. */
const options = readOptions();
const store = new LiveStore();
const hub = new LiveHub(store, { batchMs: options.batchMs, join: "newest" });
// Where a server's limit is can only be found out when it takes everybody.
const admission = options.refuses
  ? new Admission({ maxViewers: 1_000_000, viewers: () => hub.size })
  : { refusal: undefined, refusalOf: () => undefined, serve: () => {} };
const http = Fastify({
  ...problemOptions,
  logger: { level: "info" },
  requestTimeout: 0,
  forceCloseConnections: true,
  logController: new LogController({ disableRequestLogging: true }),
});
installProblems(http);
const connections = new ConnectionLimit({ perAddress: 1, exempt: ["*"] });
connections.watch(http.server);
http.addHook("onRequest", (request, _reply, done) => {
  const refusal = connections.refusal(request.socket);
  done(refusal === undefined ? undefined : new LiveError("too_many", refusal));
});
await http.register(fastifyWebsocket, {
  options: { handleProtocols: () => LIVE_SUBPROTOCOL },
  errorHandler: (_error, socket) => socket.terminate(),
});
await http.register(liveRoutes, { store, admission });
await http.register(liveSocket, { hub, admission });
const { port } = new URL(await http.listen({ host: "127.0.0.1", port: 0 }));

const loop = readLoop(options.folder);
const stage = new Stage(loop, options.windowSeconds);
const before = secondsBefore(options.windowSeconds);
const epochMs = sharedMs() - before * 1000;
stage.begin(loop, epochMs, before);
store.add({ broadcast: BROADCAST, channel: CHANNEL, presentation: stage.presentation });
ready({ port: Number(port), epochMs });
await keepTime(
  () => epochMs + stage.nextEnd * 1000,
  (nowMs) => stage.playTo((nowMs - epochMs) / 1000),
);
