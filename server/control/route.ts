import type { FastifyPluginAsync, FastifyPluginOptions, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { problem } from "../protocol/api.ts";

/** Routes that say in zod what they take and answer: Fastify checks both ways, and OpenAPI is made from it. */
export type ApiRoutes<Options extends FastifyPluginOptions> = FastifyPluginAsync<
  Options,
  RawServerDefault,
  ZodTypeProvider
>;

/** What every route may answer instead: problem details (RFC 9457). */
export const PROBLEMS = { "4xx": problem, "5xx": problem } as const;

/** An answer without a body. */
export const NO_BODY = z.undefined().describe("nothing");
