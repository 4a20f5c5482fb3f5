import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { FastifyInstance } from "fastify";

const OPTIONS: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      // Media Source Extensions play from blob: addresses, and hls.js keeps its worker in one.
      mediaSrc: ["'self'", "blob:"],
      workerSrc: ["'self'", "blob:"],
      imgSrc: ["'self'", "data:", "blob:"],
      connectSrc: ["'self'", "ws:", "wss:"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'self'"],
    },
  },
  // Whether the whole host is HTTPS for ever is the operator's to say.
  strictTransportSecurity: false,
  referrerPolicy: { policy: "same-origin" },
};

/** The usual protection for the pages of this plugin. Media has none of it: players on other sites must reach it. */
export async function protectPages(app: FastifyInstance): Promise<void> {
  await app.register(helmet, OPTIONS);
}
