import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { broadcastId } from "../protocol/names.ts";
import { type AdminRule, requireAdmin } from "./admin.ts";
import { type ApiRoutes, PROBLEMS } from "./route.ts";

/** What the operator can do with a broadcast, and who is one. */
export interface BroadcastRoutesOptions {
  readonly admin: AdminRule;
  /** Ends a broadcast and tells its publisher why; resolves with false when there is none with this id. */
  readonly stop: (id: string, why: string) => Promise<boolean>;
  /** Ids of all that is live. */
  readonly liveIds: () => readonly string[];
}

const params = z.object({ broadcast: z.union([broadcastId, z.literal("*")]) });
const stopped = z.object({ id: z.string() });

/** The part of the API that changes broadcasts (contract §8). */
export const broadcastRoutes: ApiRoutes<BroadcastRoutesOptions> = async (app, { admin, stop, liveIds }) => {
  app.addHook("onRequest", requireAdmin(admin));
  // Nothing is said in a body, so whatever a client sends there is not looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, _body, done) => done(null, undefined));

  app.post(
    "/api/v1/broadcasts/:broadcast/stop",
    {
      schema: {
        tags: ["broadcasts"],
        summary: "Stop a broadcast, or all of them (*); publishers are told not to come back",
        security: [{ admin: [] }],
        params,
        response: { 202: stopped, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { broadcast } = request.params;
      const why = "stopped by the operator";
      if (broadcast === "*") await Promise.all(liveIds().map((id) => stop(id, why)));
      else if (!(await stop(broadcast, why))) throw new LiveError("not_found", `no broadcast ${broadcast} is live`);
      return reply.code(202).send({ id: broadcast });
    },
  );
};
