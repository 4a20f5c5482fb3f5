import type { FastifyPluginAsync } from "fastify";
import { LiveError } from "../core/errors.ts";
import { FRESH } from "../core/http-headers.ts";
import type { LiveStore } from "../packaging/live-store.ts";
import { channelName } from "../protocol/names.ts";
import type { ChannelAddress } from "./live-request.ts";

/** The newest preview image of what is live on a channel, from memory (contract §5). */
export const previewRoutes: FastifyPluginAsync<{ readonly store: LiveStore }> = async (app, { store }) => {
  app.get<{ Params: ChannelAddress }>("/live/:channel/preview.jpg", async (request, reply) => {
    const channel = channelName.parse(request.params.channel);
    const entry = store.onChannel(channel);
    if (entry === undefined) throw new LiveError("not_found", `the channel ${channel} is not live`);
    const image = entry.previews?.newest;
    if (image === undefined) throw new LiveError("not_found", `the channel ${channel} has no preview image (yet)`);
    const tag = `"${entry.broadcast}-${image.number}"`;
    reply.header("cache-control", FRESH).header("etag", tag);
    if (isKnown(request.headers["if-none-match"], tag)) return reply.code(304).send();
    return reply.type("image/jpeg").send(image.bytes);
  });
};

/** RFC 9110 §13.1.2; what comes between may have made our tag a weak one. */
function isKnown(known: string | undefined, tag: string): boolean {
  return known?.split(",").some((each) => ["*", tag].includes(each.trim().replace(/^W\//, ""))) ?? false;
}
