import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { FastifyInstance } from "fastify";

/** `own`: only our own pages may show it in a frame. `framed`: everybody may. */
export type PageGuard = "own" | "framed";

const DIRECTIVES = {
  defaultSrc: ["'self'"],
  // Media Source Extensions play from blob: addresses, and hls.js keeps its worker in one.
  mediaSrc: ["'self'", "blob:"],
  workerSrc: ["'self'", "blob:"],
  imgSrc: ["'self'", "data:", "blob:"],
  connectSrc: ["'self'", "ws:", "wss:"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
};

/** The usual protection for the pages of this plugin. Media has none of it: players on other sites must reach it. */
export async function protectPages(app: FastifyInstance, guard: PageGuard): Promise<void> {
  const frameAncestors = guard === "own" ? ["'self'"] : ["*"];
  const options: FastifyHelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives: { ...DIRECTIVES, frameAncestors } },
    ...(guard === "own" ? {} : { xFrameOptions: false, crossOriginResourcePolicy: { policy: "cross-origin" } }),
    // Whether the whole host is HTTPS for ever is the operator's to say.
    strictTransportSecurity: false,
    referrerPolicy: { policy: "same-origin" },
  };
  await app.register(helmet, options);
}
