import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ZodError } from "zod";
import { TimedOut } from "../core/deadline.ts";
import { isLiveError } from "../core/errors.ts";
import { isOutOfFiles } from "../core/open-files.ts";
import type { Problem } from "../protocol/api.ts";
import { ViewerLeft } from "./hold.ts";

/** Options for Fastify: what it refuses by itself, before any handler of ours is asked, is answered in the same way. */
export const problemOptions = {
  // A channel's name may be longer than Fastify's own 100; what is too long for us, we say in our words.
  routerOptions: { maxParamLength: 1024 },
  frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    // The socket of an upgrade is nobody's yet: left open, it would hold up the end of the server.
    if (request.headers.upgrade !== undefined) reply.raw.once("finish", () => request.raw.socket.destroySoon());
    sendProblem(reply, error.statusCode ?? 400, error.message);
  },
} as const;

/** The single place where an error becomes an HTTP reply: RFC 9457 problem details. Bugs reach the log, never a client. */
export function installProblems(
  app: FastifyInstance,
  sendMissing?: (reply: FastifyReply) => Promise<FastifyReply>,
): void {
  app.setNotFoundHandler((request, reply) => {
    if (sendMissing !== undefined && isPageWanted(request)) return sendMissing(reply);
    return sendProblem(reply, 404, `there is nothing at ${pathOf(request.url)}`);
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ZodError) return sendProblem(reply, 400, describe(error));
    // The viewer left while we waited: there is nobody to answer, and nothing went wrong.
    if (error instanceof ViewerLeft) return reply.hijack();
    if (error instanceof TimedOut) return sendProblem(reply, 503, error.message);
    if (isLiveError(error)) {
      // That the server stops is no failure of a request's.
      if (error.status >= 500 && error.code !== "restarting")
        request.log.error({ err: error, details: error.details }, "request failed");
      return sendProblem(reply, error.status, error.message);
    }
    if (isOutOfFiles(error)) {
      return sendProblem(reply, 503, "the server has as many files open as it may (ulimit -n)");
    }
    const status = statusOf(error);
    if (status !== undefined) return sendProblem(reply, status, error instanceof Error ? error.message : "bad request");
    request.log.error({ err: error }, "unexpected error");
    return sendProblem(reply, 500, "something went wrong in the server; its log tells more");
  });
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "A key is needed",
  403: "Not allowed",
  404: "Not found",
  408: "Too slow",
  409: "Conflict",
  413: "Too large",
  415: "Container not recognised",
  429: "Too many",
  431: "Header too large",
  503: "No room",
};

/** Problem details with the title of their status. */
export function problemOf(status: number, detail: string): Problem {
  const title = TITLES[status] ?? (status >= 500 ? "Server error" : "Bad request");
  return { type: "about:blank", title, status, detail };
}

/** Sends problem details; nothing may cache them. */
export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .type("application/problem+json")
    .header("cache-control", "no-store")
    .send(JSON.stringify(problemOf(status, detail)));
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function describe(error: ZodError): string {
  return error.issues.map((issue) => [issue.path.join("."), issue.message].filter(Boolean).join(": ")).join("; ");
}

/** Browsers that navigate ask for HTML, and say so; players and programs do not. */
function isPageWanted({ method, headers, url }: FastifyRequest): boolean {
  return method === "GET" && headers.accept?.includes("text/html") === true && !/^\/(api|live|recordings)\//.test(url);
}

function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}
