import type { FastifyRequest } from "fastify";
import { LiveError } from "../core/errors.ts";

/**
 * Refuses a browser that comes from another site's page: whoever visits that page would publish without knowing it.
 * Other clients send no Origin. Behind a proxy that changes the host, `allowed` names the pages' own origins.
 */
export function refuseOtherSites(request: FastifyRequest, allowed: readonly string[]): void {
  const { origin } = request.headers;
  if (origin === undefined || allowed.includes(origin) || hostOf(origin) === request.host) return;
  throw new LiveError(
    "forbidden",
    `a page of ${origin} may not publish or change anything here; MILLRACE_ALLOWED_ORIGINS names those that may`,
  );
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
