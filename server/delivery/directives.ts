import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import type { WantedEdge } from "../packaging/edge.ts";

/** What a player asks for with a media playlist (delivery directives, RFC 8216bis §6.2.5). */
export interface Directives {
  /** The playlist is not answered before it has this. */
  readonly wanted: WantedEdge | undefined;
  /** Only what is new. Without date ranges to skip, `v2` asks for the same as `YES`. */
  readonly delta: boolean;
}

const NONE: Directives = { wanted: undefined, delta: false };
const count = z
  .string()
  .regex(/^\d{1,15}$/, "must be a whole number")
  .transform(Number)
  .optional();
const schema = z.object({ _HLS_msn: count, _HLS_part: count, _HLS_skip: z.enum(["YES", "v2"]).optional() });

/** Reads the directives of a request; throws when they make no sense. */
export function parseDirectives(query: unknown): Directives {
  if (!hasDirectives(query)) return NONE;
  const { _HLS_msn: segment, _HLS_part: part, _HLS_skip: skip } = schema.parse(query);
  if (segment === undefined && part !== undefined) {
    throw new LiveError("bad_request", "_HLS_part needs _HLS_msn");
  }
  return { wanted: segment === undefined ? undefined : { segment, part }, delta: skip !== undefined };
}

/** Most requests of players that know nothing of them have no query at all. */
function hasDirectives(query: unknown): boolean {
  if (typeof query !== "object" || query === null) return false;
  return "_HLS_msn" in query || "_HLS_part" in query || "_HLS_skip" in query;
}
