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
/** What is no larger than this is counted exactly. */
const COUNT = /^\d{1,15}$/;

/** A query that the router has parsed: what is in it more than once is a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads the directives of a request; throws when they make no sense. Players ask ten times a second: hence by hand. */
export function parseDirectives({ _HLS_msn, _HLS_part, _HLS_skip }: Query): Directives {
  if (_HLS_msn === undefined && _HLS_part === undefined && _HLS_skip === undefined) return NONE;
  const segment = count("_HLS_msn", _HLS_msn);
  const part = count("_HLS_part", _HLS_part);
  if (segment === undefined && part !== undefined) {
    throw new LiveError("bad_request", "_HLS_part needs _HLS_msn");
  }
  if (_HLS_skip !== undefined && _HLS_skip !== "YES" && _HLS_skip !== "v2") {
    throw new LiveError("bad_request", "_HLS_skip is YES or v2");
  }
  return { wanted: segment === undefined ? undefined : { segment, part }, delta: _HLS_skip !== undefined };
}

function count(name: string, value: Query[string]): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && COUNT.test(value)) return Number(value);
  throw new LiveError("bad_request", `${name} must be a whole number`);
}
