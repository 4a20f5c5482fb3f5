import type { IncomingMessage } from "node:http";
import type { FastifyPluginAsync } from "fastify";
import { LiveError } from "../core/errors.ts";
import { publishRequest } from "./publish-request.ts";
import type { Publication, Publishing } from "./publishing.ts";

/** Publishing with the body of a `POST` or `PUT` to `/publish/CHANNEL` (contract §4). */
export const httpIngest: FastifyPluginAsync<{ readonly publishing: Publishing }> = async (app, { publishing }) => {
  // The body is the broadcast: handed on as it comes, whatever type it claims to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.route({
    method: ["POST", "PUT"],
    url: "/publish/:channel",
    // A refusal leaves a body unread; the connection cannot be used again.
    onError: async (_request, reply) => void reply.header("connection", "close"),
    handler: async (request, reply) => {
      const { channel, key } = publishRequest(request);
      const publication = publishing.publish(channel, key);
      const id = await receive(request.raw, publication);
      return reply.code(201).send({ id, channel });
    },
  });
};

/** Reads the body to its end, at the pace of the archive. A body that breaks off ends the broadcast all the same. */
async function receive(body: IncomingMessage, publication: Publication): Promise<string> {
  try {
    for await (const bytes of body) {
      if (publication.stopped.aborted) break;
      await publication.write(bytes);
    }
  } catch (error) {
    const brokenOff = body.errored !== null && body.errored !== undefined;
    const end = brokenOff ? ({ reason: "disconnected" } as const) : ({ reason: "failed", error } as const);
    await publication.finish(end).catch(() => {});
    throw brokenOff ? new LiveError("bad_request", "the connection broke off") : error;
  }
  return publication.finish({ reason: "finished" });
}
