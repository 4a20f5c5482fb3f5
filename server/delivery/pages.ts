import type { FastifyPluginAsync } from "fastify";
import { FOREVER, FRESH } from "../core/http-headers.ts";
import { protectPages } from "./page-headers.ts";

/** Where the built pages lie. */
export interface PagesOptions {
  readonly root: string;
}

const PAGES: Readonly<Record<string, string>> = {
  "/": "home",
  "/capture": "capture",
  "/recordings": "recordings",
  "/watch/:channel": "watch",
  "/watch/recording/:broadcast": "watch",
};

/** The pages that people open. Needs `reply.sendFile` of @fastify/static. */
export const pages: FastifyPluginAsync<PagesOptions> = async (app, { root }) => {
  await protectPages(app);
  for (const [path, page] of Object.entries(PAGES)) {
    app.get(path, async (_request, reply) =>
      reply.header("cache-control", FRESH).sendFile(`pages/${page}/index.html`, root, { cacheControl: false }),
    );
  }
  // Names of built files contain a hash of their content.
  app.get<{ Params: { "*": string } }>("/assets/*", async (request, reply) =>
    reply.header("cache-control", FOREVER).sendFile(`assets/${request.params["*"]}`, root, { cacheControl: false }),
  );
};
