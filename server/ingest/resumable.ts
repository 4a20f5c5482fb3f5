import type { FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { z } from "zod";
import { clientAddress } from "../core/client-address.ts";
import { LiveError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { channelName } from "../protocol/names.ts";
import { containerType, PUBLISH_SUBPROTOCOL, publishQuery } from "../protocol/publish.ts";
import type { Attachment, IngestOptions, Publishing } from "./publishing.ts";
import { ResumableConnection } from "./resumable-connection.ts";

const address = z.object({ params: z.object({ channel: channelName }), query: publishQuery });

/** Whether a publisher asks for `millrace.publish.v1`, and nothing else. */
export function asksToResume(request: FastifyRequest): boolean {
  return request.headers["sec-websocket-protocol"]?.trim() === PUBLISH_SUBPROTOCOL;
}

/** Serves a connection that {@link asksToResume}. Refusals are close codes: browsers hide HTTP statuses. */
export function serveResumable(socket: WebSocket, request: FastifyRequest, options: IngestOptions): void {
  new ResumableConnection(socket, {
    attach: () => attach(request, options.publishing),
    idleMs: options.idleMs,
    bytesRead: () => request.raw.socket.bytesRead,
  });
}

async function attach(request: FastifyRequest, publishing: Publishing): Promise<Attachment> {
  const { params, query } = parseAddress(request);
  const { key, type, broadcast, resume } = query;
  const publisher = { channel: params.channel, key, address: clientAddress(request) };
  if (broadcast !== undefined && resume !== undefined) {
    return publishing.resume(publisher, { broadcast, token: new Secret(resume) });
  }
  if (type !== undefined && !containerType.safeParse(type).success) {
    throw new LiveError("bad_container", "only WebM, Matroska and MP4 are taken");
  }
  return publishing.begin(publisher);
}

function parseAddress({ params, query }: FastifyRequest): z.infer<typeof address> {
  const parsed = address.safeParse({ params, query });
  if (parsed.success) return parsed.data;
  throw new LiveError("bad_request", parsed.error.issues.map(({ message }) => message).join("; "));
}
