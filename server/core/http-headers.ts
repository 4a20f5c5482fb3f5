import type { FastifyInstance } from "fastify";

/** For addresses whose content never changes. */
export const FOREVER = "public, max-age=31536000, immutable";
/** For what changes: it may be kept, but must be asked for again. */
export const FRESH = "no-cache";

/** Lets players on other sites read everything in this plugin, which lies below `prefix` (contract §5). */
export function allowOtherSites(app: FastifyInstance, prefix: string): void {
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("access-control-allow-origin", "*");
    reply.header("access-control-expose-headers", "content-length, content-range, date");
    done();
  });
  app.options(`${prefix}/*`, async (_request, reply) =>
    reply
      .header("access-control-allow-methods", "GET, HEAD, POST, OPTIONS")
      .header("access-control-allow-headers", "*")
      .header("access-control-max-age", "86400")
      .code(204)
      .send(),
  );
}
