import { z } from "zod";
import { broadcastId } from "../../protocol/names.ts";
import {
  type AudienceSample,
  audienceHistory,
  type BroadcastStats,
  liveStats,
  type ServerStats,
  serverStats,
  type ViewerStats,
  viewerList,
} from "../../protocol/stats.ts";
import { type AdminRule, requireAdmin } from "../admin.ts";
import { type ApiRoutes, PROBLEMS } from "../route.ts";
import { metricsText } from "./metrics.ts";

/** Where the figures come from. */
export interface Figures {
  broadcasts(): BroadcastStats[];
  viewers(broadcast: string): ViewerStats[];
  server(): Promise<ServerStats>;
  /** Of a broadcast that is live, or that is recorded. */
  history(broadcast: string): Promise<readonly AudienceSample[]>;
}

/** What the routes need. */
export interface StatsRoutesOptions {
  readonly admin: AdminRule;
  readonly figures: Figures;
}

const params = z.object({ broadcast: broadcastId });
const historyQuery = z.object({ since: z.iso.datetime().optional() });

/** How everything goes. Sums are open; what tells about single people and about the machine needs the admin token. */
export const statsRoutes: ApiRoutes<StatsRoutesOptions> = async (app, { admin, figures }) => {
  const tags = ["statistics"];
  const onRequest = requireAdmin(admin);
  const security = [{ admin: [] }];

  app.get(
    "/api/v1/stats",
    {
      schema: {
        tags,
        summary: "Every live broadcast: who watches, what comes in, how the encoder does",
        response: { 200: liveStats, ...PROBLEMS },
      },
    },
    async () => ({ items: figures.broadcasts() }),
  );

  app.get(
    "/api/v1/stats/server",
    { onRequest, schema: { tags, security, summary: "The process", response: { 200: serverStats, ...PROBLEMS } } },
    async () => figures.server(),
  );

  app.get(
    "/api/v1/broadcasts/:broadcast/viewers",
    {
      onRequest,
      schema: { tags, security, summary: "Everybody who watches", params, response: { 200: viewerList, ...PROBLEMS } },
    },
    async (request) => ({ items: figures.viewers(request.params.broadcast) }),
  );

  app.get(
    "/api/v1/broadcasts/:broadcast/history",
    {
      onRequest,
      schema: {
        tags,
        security,
        summary:
          "The last twenty minutes of what is live; the whole audience of what was recorded. With `since`, what is newer",
        params,
        querystring: historyQuery,
        response: { 200: audienceHistory, ...PROBLEMS },
      },
    },
    async ({ params: { broadcast }, query: { since } }) => {
      const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
      const samples = await figures.history(broadcast);
      return { items: samples.filter(({ at }) => Date.parse(at) > sinceMs) };
    },
  );

  app.get(
    "/metrics",
    {
      onRequest,
      schema: { tags, security, summary: "All figures for Prometheus", response: { 200: z.string(), ...PROBLEMS } },
    },
    async (_request, reply) => {
      const { type, text } = await metricsText(figures);
      return reply.type(type).serializer(String).send(text);
    },
  );
};
