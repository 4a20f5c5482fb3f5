import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import type { AdminRule } from "../../server/control/admin.ts";
import { Guesses } from "../../server/control/permission/guesses.ts";
import { Secret } from "../../server/core/secret.ts";
import { installProblems, problemOptions } from "../../server/delivery/problems.ts";

/** Everybody is the operator. */
export const OPEN_API: AdminRule = { knows: undefined, guesses: new Guesses() };

/** Only who shows the token is. */
export function tokenRule(token: string): AdminRule {
  const secret = new Secret(token);
  return { knows: (shown) => secret.equals(shown), guesses: new Guesses() };
}

/** A server for routes of the API, without any. */
export function apiServer(): FastifyInstance {
  const app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}
