import { type ServerSetup, serverSetup } from "../protocol/server.ts";
import { type AdminRule, requireAdmin } from "./admin.ts";
import { type ApiRoutes, PROBLEMS } from "./route.ts";

/** What the route needs. */
export interface ServerRoutesOptions {
  readonly admin: AdminRule;
  /** Asked each time: ports are known when they are bound. */
  readonly setup: () => ServerSetup;
}

/** How the server is set up: the studio shows addresses and defaults with it. */
export const serverRoutes: ApiRoutes<ServerRoutesOptions> = async (app, { admin, setup }) => {
  const schema = {
    tags: ["server"],
    summary: "How the server is set up",
    security: [{ admin: [] }],
    response: { 200: serverSetup, ...PROBLEMS },
  };
  app.get("/api/v1/server", { onRequest: requireAdmin(admin), schema }, async () => setup());
};
