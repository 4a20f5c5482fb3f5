import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { broadcastId } from "../protocol/names.ts";
import { type AdminRule, requireAdmin } from "./admin.ts";

/** What the operator can do with a broadcast, and who is one. */
export interface BroadcastRoutesOptions {
  readonly admin: AdminRule;
  /** Ends a broadcast and tells its publisher why; resolves with false when there is none with this id. */
  readonly stop: (id: string, why: string) => Promise<boolean>;
}

const params = z.object({ broadcast: broadcastId });

/** The part of the API that changes broadcasts (contract §8). */
export const broadcastRoutes: FastifyPluginAsync<BroadcastRoutesOptions> = async (app, { admin, stop }) => {
  app.addHook("onRequest", requireAdmin(admin));
  // Nothing is said in a body, so whatever a client sends there is not looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, _body, done) => done(null, undefined));

  app.post("/api/v1/broadcasts/:broadcast/stop", async (request, reply) => {
    const { broadcast } = params.parse(request.params);
    if (!(await stop(broadcast, "stopped by the operator"))) {
      throw new LiveError("not_found", `no broadcast ${broadcast} is live`);
    }
    return reply.code(202).send({ id: broadcast });
  });
};
