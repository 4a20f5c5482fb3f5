import type { IncomingMessage } from "node:http";
import type { FastifyPluginAsync } from "fastify";
import { LiveError } from "../core/errors.ts";
import { publishRequest } from "./publish-request.ts";
import type { Publication, Publishing } from "./publishing.ts";

/** A refused publisher may go on sending this long before it is cut off. */
const DISCARD_MS = 5_000;

/** Publishing with the body of a `POST` or `PUT` to `/publish/CHANNEL` (contract §4). */
export const httpIngest: FastifyPluginAsync<{ readonly publishing: Publishing }> = async (app, { publishing }) => {
  // The body is the broadcast: handed on as it comes, whatever type it claims to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.route({
    method: ["POST", "PUT"],
    url: "/publish/:channel",
    onError: async (request) => discard(request.raw),
    handler: async (request, reply) => {
      const { channel, key } = publishRequest(request);
      await publishing.check(channel, key);
      const publication = publishing.publish(channel, key);
      const id = await receive(request.raw, publication);
      return reply.code(201).send({ id, channel });
    },
  });
};

/** Reads the body to its end, at the pace of the archive. A body that breaks off ends the broadcast all the same. */
async function receive(body: IncomingMessage, publication: Publication): Promise<string> {
  let failure: unknown;
  try {
    // Not destroyed on return: the answer to what cannot be used goes over the same connection.
    for await (const bytes of body.iterator({ destroyOnReturn: false })) {
      failure = await publication.write(bytes).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined) break;
    }
  } catch {
    await publication.finish({ reason: "disconnected" }).catch(() => {});
    throw new LiveError("bad_request", "the connection broke off");
  }
  if (failure === undefined) return publication.finish({ reason: "finished" });
  await publication.finish({ reason: "failed", error: failure }).catch(() => {});
  throw failure;
}

/** Reads the rest of a refused body away for a while: a client that is cut off while it sends never sees the answer. */
function discard(body: IncomingMessage): void {
  if (body.complete || body.destroyed) return;
  body.resume();
  const timer = setTimeout(() => body.destroy(), DISCARD_MS).unref();
  body.once("close", () => clearTimeout(timer));
}
