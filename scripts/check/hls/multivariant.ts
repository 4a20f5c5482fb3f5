import { readAttributes } from "./attributes.ts";

/** One media playlist that a multivariant playlist names. */
export interface RenditionEntry {
  /** Absolute. */
  readonly url: string;
  /** What it is, for people. */
  readonly kind: "variant" | "audio" | "video" | "subtitles";
  /** CODECS of the variants that use it. */
  readonly codecs: readonly string[];
}

/** What a multivariant playlist (§4.4.6) says of its media playlists, each named once. */
export interface Multivariant {
  readonly renditions: readonly RenditionEntry[];
  readonly problems: readonly string[];
}

/** Whether a playlist is a multivariant one. */
export function isMultivariant(text: string): boolean {
  return /^#EXT-X-(STREAM-INF|MEDIA):/m.test(text);
}

/** Reads any multivariant playlist; never throws. */
export function readMultivariant(url: string, text: string): Multivariant {
  const problems: string[] = [];
  const found = new Map<string, { kind: RenditionEntry["kind"]; codecs: string[]; groups: string[] }>();
  const groupCodecs = new Map<string, string[]>();
  const add = (uri: string, kind: RenditionEntry["kind"], codecs: string[], groups: string[]) => {
    if (!URL.canParse(uri, url)) return problems.push(`"${uri}" is no address`);
    const { href } = new URL(uri, url);
    const known = found.get(href);
    if (known === undefined) found.set(href, { kind, codecs, groups });
    else known.codecs.push(...codecs);
    return 0;
  };
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    const attributes = readAttributes(line.slice(line.indexOf(":") + 1), () => {});
    if (line.startsWith("#EXT-X-MEDIA:")) {
      const uri = attributes.get("URI");
      const kind = KINDS.get(attributes.get("TYPE") ?? "");
      if (uri !== undefined && kind !== undefined) add(uri, kind, [], [attributes.get("GROUP-ID") ?? ""]);
    } else if (line.startsWith("#EXT-X-STREAM-INF:")) {
      const uri = lines.slice(index + 1).find((next) => next !== "" && !next.startsWith("#"));
      const codecs = (attributes.get("CODECS") ?? "").split(",").filter((codec) => codec !== "");
      if (uri === undefined) problems.push("EXT-X-STREAM-INF has no URI line");
      else add(uri, "variant", codecs, []);
      for (const name of ["AUDIO", "VIDEO", "SUBTITLES"]) {
        const group = attributes.get(name);
        if (group !== undefined) groupCodecs.set(group, [...(groupCodecs.get(group) ?? []), ...codecs]);
      }
    }
  }
  const renditions = [...found].map(([href, { kind, codecs, groups }]) => ({
    url: href,
    kind,
    codecs: [...codecs, ...groups.flatMap((group) => groupCodecs.get(group) ?? [])],
  }));
  return { renditions, problems };
}

const KINDS = new Map<string, RenditionEntry["kind"]>([
  ["AUDIO", "audio"],
  ["VIDEO", "video"],
  ["SUBTITLES", "subtitles"],
]);
