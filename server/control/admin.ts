import type { onRequestHookHandler } from "fastify";
import { clientAddress } from "../core/client-address.ts";
import { LiveError } from "../core/errors.ts";
import type { Guesses } from "./permission/guesses.ts";

/** Who may change something over the API. */
export interface AdminRule {
  /** Whether this is what has to be shown; undefined: only this machine can reach the API, and everybody may. */
  readonly knows: ((shown: string) => boolean) | undefined;
  readonly guesses: Guesses;
}

/** Lets through who shows the admin token as a bearer token (RFC 6750 §2.1), and everybody where none is needed. */
export function requireAdmin(rule: AdminRule): onRequestHookHandler {
  return (request, reply, done) => {
    try {
      if (isAdmin(rule, request.headers.authorization, clientAddress(request))) return done();
    } catch (error) {
      return done(error instanceof Error ? error : new Error(String(error)));
    }
    reply.header("www-authenticate", "Bearer");
    done(new LiveError("bad_key", "this needs the admin token: send it as a bearer token"));
  };
}

/** Whether a request comes from the operator. Throws `too_many` when its address has guessed too often. */
export function isAdmin({ knows, guesses }: AdminRule, authorization: string | undefined, address?: string): boolean {
  if (knows === undefined) return true;
  const shown = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? "")?.[1];
  if (shown === undefined) return false;
  guesses.check("admin", address);
  const isRight = knows(shown);
  if (!isRight) guesses.wrong("admin", address);
  return isRight;
}
