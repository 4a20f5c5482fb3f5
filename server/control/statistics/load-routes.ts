import { z } from "zod";
import { broadcastId, channelName } from "../../protocol/names.ts";
import { type AdminRule, requireAdmin } from "../admin.ts";
import { type ApiRoutes, PROBLEMS } from "../route.ts";
import type { Figures } from "./stats-routes.ts";

const capacity = z.object({
  /** Broadcasts that are live, and how many there may be. */
  load: z.number().int().nonnegative(),
  capacity: z.number().int(),
  encoderCount: z.number().int(),
});
const report = z.object({
  activeStreams: z.array(z.object({ channel: channelName, broadcast: broadcastId, viewers: z.number().int() })),
});

/** For programs that spread broadcasts over several servers: how full this one is, and what is on it. */
export const loadRoutes: ApiRoutes<{ readonly admin: AdminRule; readonly figures: Figures }> = async (app, options) => {
  const { admin, figures } = options;
  app.addHook("onRequest", requireAdmin(admin));
  const about = (summary: string) => ({ tags: ["statistics"], summary, security: [{ admin: [] }] });

  app.get(
    "/api/v1/capacity",
    { schema: { ...about("How full the server is"), response: { 200: capacity, ...PROBLEMS } } },
    async () => {
      const { broadcasts, maxBroadcasts } = await figures.server();
      return { load: broadcasts, capacity: maxBroadcasts, encoderCount: 1 };
    },
  );

  app.get(
    "/api/v1/report",
    { schema: { ...about("What is live"), response: { 200: report, ...PROBLEMS } } },
    async () => ({
      activeStreams: figures.broadcasts().map(({ channel, broadcast, audience }) => {
        return { channel, broadcast, viewers: audience.viewers };
      }),
    }),
  );
};
