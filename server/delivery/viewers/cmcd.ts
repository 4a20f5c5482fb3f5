import type { IncomingHttpHeaders } from "node:http";
import { decodeCmcd, fromCmcdHeaders } from "@svta/cml-cmcd";
import { z } from "zod";
import type { DeliveryName } from "../../protocol/stats.ts";

/** What a player says of itself (CTA-5004, version 1 or 2), as far as it is of interest here. */
export interface PlayerReport {
  /** One for each playback. */
  readonly session?: string | undefined;
  readonly delivery?: DeliveryName | undefined;
  readonly bufferMs?: number | undefined;
  /** What its connection carries, in kbit/s. */
  readonly kbps?: number | undefined;
  /** Behind the live edge. */
  readonly delayMs?: number | undefined;
  /** Of the picture that it asks for, in kbit/s. */
  readonly encodedKbps?: number | undefined;
  readonly joinMs?: number | undefined;
  /** Its buffer has run dry since the last report. */
  readonly starved?: boolean | undefined;
}

/** Longer ones are no reports. */
const MAX_TEXT = 4_096;
const HEADERS = ["cmcd-request", "cmcd-object", "cmcd-status", "cmcd-session"] as const;
const DELIVERIES: Readonly<Record<string, DeliveryName>> = { h: "hls", d: "dash" };

/** Version 2 may give a list, one for each object type, and items with parameters. */
const figure = z.optional(z.unknown()).transform((value) => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const bare: unknown = typeof first === "object" && first !== null && "value" in first ? first.value : first;
  return typeof bare === "number" && Number.isFinite(bare) && bare >= 0 && bare < 1e9 ? bare : undefined;
});
const token = z.string().max(16).optional().catch(undefined);
const keys = z.object({
  sid: z.string().max(64).optional().catch(undefined),
  sf: token,
  ot: token,
  bl: figure,
  br: figure,
  mtp: figure,
  ltc: figure,
  msd: figure,
  bs: z.boolean().optional().catch(undefined),
});

/** Reads a report from a request's headers, or the `CMCD` of its query; undefined when there is none that can be read. */
export function reportIn(headers: IncomingHttpHeaders, query: unknown): PlayerReport | undefined {
  const text = typeof query === "object" && query !== null && "CMCD" in query ? query.CMCD : undefined;
  if (typeof text === "string") return readReport(text);
  if (!HEADERS.some((name) => name in headers)) return undefined;
  const shown = Object.fromEntries(HEADERS.map((name) => [name, String(headers[name] ?? "")]));
  if (Object.values(shown).some((each) => each.length > MAX_TEXT)) return undefined;
  return attempt(() => fromCmcdHeaders(new Headers(shown)));
}

/** Reads one report as text; undefined when it is none. */
export function readReport(text: string): PlayerReport | undefined {
  return text.length > MAX_TEXT ? undefined : attempt(() => decodeCmcd(text));
}

function attempt(decode: () => unknown): PlayerReport | undefined {
  let decoded: unknown;
  try {
    decoded = decode();
  } catch {
    return undefined;
  }
  const parsed = keys.safeParse(decoded);
  if (!parsed.success) return undefined;
  const { sid, sf, ot, bl, br, mtp, ltc, msd, bs } = parsed.data;
  const isSound = ot === "a";
  return {
    session: sid,
    delivery: DELIVERIES[sf ?? ""],
    bufferMs: bl,
    kbps: mtp,
    delayMs: ltc,
    encodedKbps: isSound ? undefined : br,
    joinMs: msd,
    starved: bs,
  };
}
