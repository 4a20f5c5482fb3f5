import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { channelName } from "../protocol/names.ts";

const paramsSchema = z.object({ channel: channelName });
const querySchema = z.object({ key: z.string().max(256).optional() });

/** The channel and key in a publisher's address. Throws a `ZodError` that says what is wrong with them. */
export function publishRequest(request: FastifyRequest): { channel: string; key: string | undefined } {
  const { channel } = paramsSchema.parse(request.params);
  return { channel, key: querySchema.parse(request.query).key };
}
