import type { IncomingMessage } from "node:http";
import type { FastifyPluginAsync } from "fastify";
import { isLiveError, LiveError } from "../core/errors.ts";
import { readBody } from "./body.ts";
import { IdleWatch } from "./idle-watch.ts";
import { publishRequest } from "./publish-request.ts";
import type { IngestOptions, Publication } from "./publishing.ts";

/** A refused publisher may go on sending this long before it is cut off. */
const DISCARD_MS = 5_000;

/** Publishing with the body of a `POST` or `PUT` to `/publish/CHANNEL` (contract §4). */
export const httpIngest: FastifyPluginAsync<IngestOptions> = async (app, { publishing, idleMs }) => {
  // The body is the broadcast: handed on as it comes, whatever type it claims to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.route({
    method: ["POST", "PUT"],
    url: "/publish/:channel",
    onError: async (request) => discard(request.raw),
    handler: async (request, reply) => {
      const publisher = publishRequest(request);
      const { channel } = publisher;
      const publication = (await publishing.admit(publisher)).publish();
      const id = await receive(request.raw, publication, idleMs);
      return reply.code(201).send({ id, channel });
    },
  });
};

/** Reads the body to its end. One that breaks off or stalls ends the broadcast all the same, with what came. */
async function receive(body: IncomingMessage, publication: Publication, idleMs: number): Promise<string> {
  const over = new AbortController();
  const stop = () => over.abort(publication.stopped.reason);
  publication.stopped.addEventListener("abort", stop, { once: true });
  const breakOff = () => over.abort(new LiveError("bad_request", "the connection broke off"));
  if (body.destroyed) breakOff();
  // Comes after its end as well, and is of no interest then.
  body.once("close", breakOff);
  body.on("error", breakOff);
  using idle = new IdleWatch({
    limitMs: idleMs,
    isPaused: () => body.isPaused(),
    onIdle: (why) => over.abort(why),
  });
  const take = async (bytes: Uint8Array) => {
    await publication.write(bytes);
    await publication.room(over.signal);
    idle.heard();
  };
  try {
    await readBody(body, take, over.signal);
  } catch (error) {
    const hasEnded = isLiveError(error, "idle") || isLiveError(error, "bad_request");
    await publication.finish(hasEnded ? { reason: "disconnected" } : { reason: "failed", error }).catch(() => {});
    throw error;
  }
  return publication.finish({ reason: "finished" });
}

/** Reads the rest of a refused body away for a while: a client that is cut off while it sends never sees the answer. */
function discard(body: IncomingMessage): void {
  if (body.complete || body.destroyed) return;
  body.resume();
  const timer = setTimeout(() => body.destroy(), DISCARD_MS).unref();
  body.once("close", () => clearTimeout(timer));
}
