import type { FastifyPluginAsync } from "fastify";
import { wallMs } from "../core/clock.ts";
import { FRESH } from "../core/http-headers.ts";
import { sendText } from "../core/send-text.ts";
import { siteOf } from "../core/site.ts";
import { manifest } from "../packaging/dash.ts";
import { type ChannelAddress, type PlaylistRoutesOptions, playableOn } from "./live-request.ts";

const TYPE = "application/dash+xml";

/** DASH (ISO/IEC 23009-1). */
export const dashRoutes: FastifyPluginAsync<PlaylistRoutesOptions> = async (app, options) => {
  const { texts, entrance } = options;
  app.get<{ Params: ChannelAddress }>(
    "/live/:channel/manifest.mpd",
    { onRequest: entrance },
    async (request, reply) => {
      const { presentation, broadcast } = await playableOn(options, request.params, request.raw);
      const clockUrl = `${siteOf(request)}/time`;
      const text = texts.get(presentation, clockUrl, () =>
        manifest(presentation, { extent: "window", folder: `${broadcast}/`, clockUrl, nowMs: wallMs() }),
      );
      return sendText(request, reply, { type: TYPE, cache: FRESH, text });
    },
  );
};
