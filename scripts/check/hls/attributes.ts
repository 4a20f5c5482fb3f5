/** The attributes of a tag, quotes taken off (RFC 8216bis §4.2). Of a name that comes twice the first counts. */
export type Attributes = ReadonlyMap<string, string>;

const ATTRIBUTE = /\s*([A-Z0-9-]+)\s*=\s*("[^"]*"|[^",]*)\s*(?:,|$)/gy;

/** Reads an attribute list; what does not fit the grammar ends it and is told to `complain`. */
export function readAttributes(text: string, complain: (problem: string) => void): Attributes {
  const attributes = new Map<string, string>();
  let at = 0;
  for (const [whole, name = "", value = ""] of text.matchAll(ATTRIBUTE)) {
    at += whole.length;
    if (attributes.has(name)) complain(`${name} stands twice in one tag`);
    else attributes.set(name, value.startsWith('"') ? value.slice(1, -1) : value);
    if (at >= text.length) break;
  }
  if (at < text.trimEnd().length) complain(`"${text.slice(at, at + 40)}" is no attribute`);
  return attributes;
}

/** A decimal number of seconds or a count; undefined when it is missing or no such number. */
export function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

/** "<n>[@<o>]"; without an offset it begins where `previousEnd` says. */
export function readByteRange(
  text: string | undefined,
  previousEnd: number,
): { readonly start: number; readonly length: number } | undefined {
  const [, length, start] = /^(\d+)(?:@(\d+))?$/.exec(text?.trim() ?? "") ?? [];
  return length === undefined
    ? undefined
    : { start: start === undefined ? previousEnd : Number(start), length: Number(length) };
}
