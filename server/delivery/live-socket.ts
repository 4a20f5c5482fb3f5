import type { FastifyPluginAsync } from "fastify";
import type { WebSocket } from "ws";
import { z } from "zod";
import { clientAddress } from "../core/client-address.ts";
import { wallMs } from "../core/clock.ts";
import { needSubprotocol } from "../core/socket-only.ts";
import {
  LIVE_CLOSE,
  LIVE_SUBPROTOCOL,
  type LiveClientMessage,
  liveClientMessage,
  liveQuery,
} from "../protocol/live.ts";
import { channelName } from "../protocol/names.ts";
import type { Admission } from "./admission.ts";
import type { LiveHub } from "./socket/hub.ts";
import { Viewer } from "./socket/viewer.ts";

/** The longest message that a viewer has reason to send. */
const MAX_WORDS_BYTES = 4096;

/** What the live socket needs. */
export interface LiveSocketOptions {
  readonly hub: LiveHub;
  readonly admission: Pick<Admission, "refusal">;
}

const params = z.object({ channel: channelName });

/** `/live/CHANNEL/socket`: media the moment it comes, see docs/live-socket.md. */
export const liveSocket: FastifyPluginAsync<LiveSocketOptions> = async (app, { hub, admission }) => {
  app.get(
    "/live/:channel/socket",
    {
      websocket: true,
      preValidation: async (request) => {
        needSubprotocol(request, LIVE_SUBPROTOCOL);
        params.parse(request.params);
        liveQuery.parse(request.query);
      },
    },
    (socket, request) => {
      const { channel } = params.parse(request.params);
      const refusal = admission.refusal;
      if (refusal !== undefined) return socket.close(LIVE_CLOSE.full, refusal);
      const { join, wait, video } = liveQuery.parse(request.query);
      const viewer = new Viewer(socket, video === "none" ? null : video, clientAddress(request));
      listen(socket, viewer, hub);
      hub.enter({ viewer, channel, join, waits: wait === "1" });
    },
  );
};

function listen(socket: WebSocket, viewer: Viewer, hub: LiveHub): void {
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    const message = isBinary ? undefined : parse(data);
    if (message !== undefined) return answer(message, viewer, hub);
    hub.leave(viewer);
    socket.close(LIVE_CLOSE.badMessage, "this message is none that a viewer may send");
  });
  socket.on("close", () => hub.leave(viewer));
  // `close` follows.
  socket.on("error", () => {});
}

function parse(data: Buffer): LiveClientMessage | undefined {
  if (data.byteLength > MAX_WORDS_BYTES) return undefined;
  try {
    return liveClientMessage.parse(JSON.parse(data.toString("utf8")));
  } catch {
    return undefined;
  }
}

function answer(message: LiveClientMessage, viewer: Viewer, hub: LiveHub): void {
  switch (message.type) {
    case "clock":
      return viewer.tell({ type: "clock", sentMs: message.sentMs, serverMs: wallMs() });
    case "choose":
      return hub.choose(viewer, message.video);
    case "pause":
      return hub.pause(viewer);
    case "resume":
      return hub.resume(viewer);
    case "report":
      viewer.report = message;
  }
}
