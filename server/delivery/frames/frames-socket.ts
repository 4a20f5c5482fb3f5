import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { needSocket } from "../../core/socket-only.ts";
import { LIVE_CLOSE } from "../../protocol/live.ts";
import { channelName } from "../../protocol/names.ts";
import type { Admission } from "../admission.ts";
import type { FrameHub } from "./frame-hub.ts";
import { FrameViewer } from "./frame-viewer.ts";

/** What the socket needs. */
export interface FramesSocketOptions {
  readonly frames: FrameHub;
  readonly admission: Pick<Admission, "refusal">;
}

const params = z.object({ channel: channelName });
/** `wait=1`: stay, also before the channel is live and after its broadcast's end, and be told so in words. */
const query = z.object({ wait: z.enum(["0", "1"]).default("0") });

/**
 * `/live/CHANNEL/frames`: each image as its publisher sent it, one binary message each, the newest at once (contract §5).
 * Nothing that a viewer says matters.
 */
export const framesSocket: FastifyPluginAsync<FramesSocketOptions> = async (app, { frames, admission }) => {
  app.get(
    "/live/:channel/frames",
    {
      websocket: true,
      preValidation: async (request) => {
        needSocket(request);
        params.parse(request.params);
        query.parse(request.query);
      },
    },
    (socket, request) => {
      const { channel } = params.parse(request.params);
      const refusal = admission.refusal;
      if (refusal !== undefined) return socket.close(LIVE_CLOSE.full, refusal);
      const viewer = new FrameViewer(socket, { waits: query.parse(request.query).wait === "1" });
      // `close` follows.
      socket.on("error", () => {});
      socket.on("close", () => {
        frames.leave(viewer, channel);
        request.log.info({ channel, ...viewer.counts }, "a viewer of images has gone");
      });
      frames.enter(viewer, channel);
    },
  );
};
