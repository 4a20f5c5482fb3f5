import type { FastifyPluginAsync } from "fastify";
import { wallMs } from "../core/clock.ts";
import { FRESH } from "../core/http-headers.ts";
import { manifest } from "../packaging/dash.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import { type ChannelAddress, playableOn } from "./live-request.ts";
import { sendText } from "./send-text.ts";
import type { TextCache } from "./text-cache.ts";

const TYPE = "application/dash+xml";

/** DASH (ISO/IEC 23009-1). */
export const dashRoutes: FastifyPluginAsync<{ readonly store: LiveStore; readonly texts: TextCache }> = async (
  app,
  { store, texts },
) => {
  app.get<{ Params: ChannelAddress }>("/live/:channel/manifest.mpd", async (request, reply) => {
    const { presentation, broadcast } = playableOn(store, request.params);
    const clockUrl = `${request.protocol}://${request.host}/time`;
    const text = texts.get(presentation, clockUrl, () =>
      manifest(presentation, { extent: "window", folder: `${broadcast}/`, clockUrl, nowMs: wallMs() }),
    );
    return sendText(request, reply, { type: TYPE, cache: FRESH, text });
  });
};
