import type { onRequestHookHandler } from "fastify";
import { LiveError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

/** Who may change something over the API. */
export interface AdminRule {
  /** What has to be shown. */
  readonly token: Secret | undefined;
  /** Only this machine can reach the API: without a token, everybody may. */
  readonly isLocal: boolean;
}

/** Lets through who shows the admin token as a bearer token (RFC 6750 §2.1), and everybody where none is needed. */
export function requireAdmin({ token, isLocal }: AdminRule): onRequestHookHandler {
  return (request, reply, done) => {
    if (token === undefined && isLocal) return done();
    const shown = /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined && shown !== undefined && token.equals(shown)) return done();
    reply.header("www-authenticate", "Bearer");
    const how = token === undefined ? "the server has none: set MILLRACE_ADMIN_TOKEN" : "send it as a bearer token";
    done(new LiveError("bad_key", `this needs the admin token; ${how}`));
  };
}
