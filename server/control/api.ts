import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyPluginAsync } from "fastify";
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { type BroadcastRoutesOptions, broadcastRoutes } from "./broadcast-routes.ts";
import { type ChannelRoutesOptions, channelRoutes } from "./channels/channel-routes.ts";
import { type ChatRoutesOptions, chatRoutes } from "./chat-routes.ts";
import { type EventRoutesOptions, eventRoutes } from "./events/event-routes.ts";
import { type HookRoutesOptions, hookRoutes } from "./hooks/hook-routes.ts";
import { type RecordingRoutesOptions, recordingRoutes } from "./recording-routes.ts";
import { type LiveRoutesOptions, openRoutes } from "./routes.ts";
import { type ServerRoutesOptions, serverRoutes } from "./server-routes.ts";
import { type SourceRoutesOptions, sourceRoutes } from "./source-routes.ts";
import { loadRoutes } from "./statistics/load-routes.ts";
import { type StatsRoutesOptions, statsRoutes } from "./statistics/stats-routes.ts";

/** Everything that the API does. */
export type ApiOptions = LiveRoutesOptions &
  BroadcastRoutesOptions &
  ChannelRoutesOptions &
  ChatRoutesOptions &
  EventRoutesOptions &
  HookRoutesOptions &
  ServerRoutesOptions &
  StatsRoutesOptions &
  RecordingRoutesOptions &
  SourceRoutesOptions & {
    /** Further routes that belong into the document, of other stages. */
    readonly others?: FastifyPluginAsync | undefined;
  };

const ABOUT = `Channels, broadcasts, recordings and what happens to them. Errors are problem details (RFC 9457). What
changes something or tells about people needs the admin token as a bearer token; on a loopback address without a token
everything is open.`;

/** The plugin's own would have browsers ask for its scripts over HTTPS where there may be none. */
const DOCS_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'";

/** The API below `/api/v1` (contract §8), its OpenAPI document and a page to try it. */
export const api: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Millrace", version: "1", description: ABOUT.replaceAll("\n", " ") },
      components: { securitySchemes: { admin: { type: "http", scheme: "bearer" } } },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: DOCS_POLICY });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());

  await app.register(async (routes) => {
    routes.addHook("onRequest", async (_request, reply) => void reply.header("cache-control", "no-store"));
    await routes.register(openRoutes, options);
    await routes.register(channelRoutes, options);
    await routes.register(chatRoutes, options);
    await routes.register(broadcastRoutes, options);
    await routes.register(recordingRoutes, options);
    await routes.register(sourceRoutes, options);
    await routes.register(eventRoutes, options);
    await routes.register(hookRoutes, options);
    await routes.register(serverRoutes, options);
    await routes.register(statsRoutes, options);
    await routes.register(loadRoutes, options);
    if (options.others !== undefined) await routes.register(options.others);
  });
};
