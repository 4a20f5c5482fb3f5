import { z } from "zod";
import { isSubnet } from "./core/address-list.ts";
import { messageOf } from "./core/errors.ts";
import { Secret } from "./core/secret.ts";
import { ANALYSERS, type AnalyserName } from "./protocol/analysis.ts";
import { LADDER_GRAMMAR, parseLadder } from "./protocol/ladder.ts";

/** Reads one setting's text; `allowed` is both its help and what a bad value is answered with. */
export interface Reader<S extends z.ZodType> {
  readonly schema: S;
  readonly allowed: string;
}

/** As it is; who uses it resolves it. */
export const path = reader("a path", (allowed) => z.string({ error: allowed }));
/** An address to listen on. */
export const host = reader("an address or a host name, without port", (allowed) =>
  z.string().regex(/^[A-Za-z0-9_.:[\]%-]+$/, allowed),
);
/** As S3 names it. */
export const region = reader("letters, digits and -", (allowed) => z.string().regex(/^[A-Za-z0-9-]+$/, allowed));
/** Two words rather than a boolean: they are what is shown, too. */
export const onOff = choice("on", "off");
/** A TCP port. */
export const port = wholeNumber(0, 65_535, " (0 = any free port)");
/** A TCP port; undefined for `off`. */
export const portOrOff = reader(`${port.allowed}, or off`, (allowed) =>
  z.union([z.literal("off").transform(() => undefined), port.schema], { error: allowed }),
);
/** A secret that fits into a URL and a header. */
export const token = reader("visible ASCII characters without spaces", (allowed) =>
  z
    .string()
    .regex(/^[\x21-\x7e]+$/, allowed)
    .transform((value) => new Secret(value)),
);
/** An address that the server itself asks. */
export const url = reader("an address that begins with http:// or https://", (allowed) =>
  z.url({ protocol: /^https?$/, error: allowed }),
);
/** Where the server is reached from outside. */
export const site = reader("an address such as https://video.example.org, without a path", (allowed) =>
  z.string().regex(/^https?:\/\/[^/\s]+$/, allowed),
);
/** A secret that fits into a header. */
export const headerValue = reader("visible ASCII characters and spaces", (allowed) =>
  z
    .string()
    .regex(/^[\x20-\x7e]+$/, allowed)
    .transform((value) => new Secret(value)),
);
const list = z.string().transform((value) =>
  value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);
/** Renditions, in the grammar of docs/ladder.md. */
export const ladder = reader(`a comma list of ${LADDER_GRAMMAR}`, () =>
  z.string().transform((value, context) => {
    try {
      return parseLadder(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
      return z.NEVER;
    }
  }),
);

/** What is looked for, in the order of the list of all. */
export const analysers = reader(`off, on or a comma list of ${ANALYSERS.join(", ")}`, (allowed) =>
  list.transform((entries, context): readonly AnalyserName[] => {
    if (entries.length === 1 && entries[0] === "off") return [];
    if (entries.length === 1 && entries[0] === "on") return ANALYSERS;
    const known = ANALYSERS.filter((name) => entries.includes(name));
    if (known.length > 0 && entries.every((entry) => known.some((name) => name === entry))) return known;
    context.addIssue({ code: "custom", message: allowed });
    return z.NEVER;
  }),
);
/** Undefined for `all`. */
export const framesPerSecond = reader("a whole number from 1 to 120, or all", (allowed) =>
  z.union(
    [
      z.literal("all").transform(() => undefined),
      z
        .string()
        .regex(/^\d+$/, allowed)
        .transform(Number)
        .refine((value) => value >= 1 && value <= 120, allowed),
    ],
    { error: allowed },
  ),
);
/** Pixels: encoders want even ones. */
export const evenWidth = reader("an even number of pixels from 64 to 1920", (allowed) =>
  numeric(/^\d+$/, { min: 64, max: 1920, allowed }).refine((value) => value % 2 === 0, allowed),
);
/** Pixels, both sides even. */
export const pictureSize = reader("WIDTHxHEIGHT, both even numbers from 16 to 1920", (allowed) =>
  z
    .string()
    .regex(/^\d{2,4}x\d{2,4}$/, allowed)
    .transform((value) => {
      const [width = 0, height = 0] = value.split("x").map(Number);
      return { width, height };
    })
    .refine(
      ({ width, height }) => [width, height].every((side) => side % 2 === 0 && side >= 16 && side <= 1920),
      allowed,
    ),
);

/** Whom something holds for; `*` is everybody. */
export const subnets = reader("a comma list of addresses and subnets such as 10.0.0.0/8, or *", (allowed) =>
  list.refine((entries) => entries.every((entry) => entry === "*" || isSubnet(entry)), allowed),
);
/** Whom to believe, which cannot be everybody. */
export const proxies = reader("a comma list of addresses and subnets such as 10.0.0.0/8", (allowed) =>
  list.refine((entries) => entries.every(isSubnet), allowed),
);
/** Where else recordings are kept. */
export const storeUrl = reader("s3://BUCKET/PREFIX, http(s)://HOST/PATH or file:///PATH", (allowed) =>
  z.string().regex(/^(s3:\/\/[a-z0-9.-]+(\/[^\s?#]*)?|https?:\/\/[^\s?#]+|file:\/\/\/[^\s?#]+)$/, allowed),
);
/** Sites, as browsers name them. */
export const origins = reader("a comma list of origins such as https://video.example.org", (allowed) =>
  list.refine((entries) => entries.every((entry) => /^https?:\/\/[^/\s]+$/.test(entry)), allowed),
);

function reader<S extends z.ZodType>(allowed: string, build: (allowed: string) => S): Reader<S> {
  return { allowed, schema: build(allowed) };
}

/** One of some words. */
export function choice<const T extends readonly [string, ...string[]]>(...values: T) {
  return reader(`${values.slice(0, -1).join(", ")} or ${values.at(-1)}`, (allowed) =>
    z.enum(values, { error: allowed }),
  );
}

/** `note` says more of what is allowed. */
export function wholeNumber(min: number, max: number, note = "") {
  return reader(`a whole number from ${min} to ${max}${note}`, (allowed) => numeric(/^\d+$/, { min, max, allowed }));
}

/** From 0 to `max`, with decimals. */
export function amount(max: number) {
  return reader(`a number from 0 to ${max}`, (allowed) => numeric(/^\d+(\.\d+)?$/, { min: 0, max, allowed }));
}

/** With decimals, from `min` to `max`. */
export function seconds(min: number, max: number) {
  return reader(`seconds from ${min} to ${max}`, (allowed) => numeric(/^\d+(\.\d+)?$/, { min, max, allowed }));
}

/** `z.coerce.number()` would also take "", "0x10" and "1e3". */
function numeric(shape: RegExp, { min, max, allowed }: { min: number; max: number; allowed: string }) {
  return z
    .string()
    .regex(shape, allowed)
    .transform(Number)
    .refine((value) => value >= min && value <= max, allowed);
}
