import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { clientAddress } from "../core/client-address.ts";
import { channelName } from "../protocol/names.ts";
import type { Publisher } from "./publishing.ts";

const paramsSchema = z.object({ channel: channelName });
const querySchema = z.object({ key: z.string().max(256).optional() });

/** Who publishes, by the address that is asked for. Throws a `ZodError` that says what is wrong with it. */
export function publishRequest(request: FastifyRequest): Publisher {
  const { channel } = paramsSchema.parse(request.params);
  return { channel, key: querySchema.parse(request.query).key, address: clientAddress(request) };
}
