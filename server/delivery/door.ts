import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Admission } from "./admission.ts";
import { sendProblem } from "./problems.ts";
import { visitorOf } from "./visitor.ts";

/** Who was refused may come again after so many seconds. */
const RETRY_SECONDS = 5;

/**
 * For where viewers over HTTP come in, a multivariant playlist or a manifest: a newcomer whom the server cannot serve is
 * told to come later. Whoever is served already over the same connection, or behind a proxy from the same address and
 * with the same program, such as a player that reads its manifest again, is no newcomer.
 */
export function entrance(admission: Pick<Admission, "refusalOf">): onRequestHookHandler {
  return (request, reply, done) => {
    const refusal = admission.refusalOf(visitorOf(request));
    if (refusal === undefined) return done();
    void sendProblem(reply.header("retry-after", String(RETRY_SECONDS)), 503, refusal);
  };
}

/** Counts who is served by the routes of `app`. */
export function countViewers(app: FastifyInstance, admission: Pick<Admission, "serve">): void {
  app.addHook("preHandler", (request, _reply, done) => {
    admission.serve(visitorOf(request));
    done();
  });
}
