import { parse as parseWithHlsParser, setOptions } from "hls-parser";
import { Parser as M3u8Parser } from "m3u8-parser";
import { reasonOf } from "../rule.ts";
import type { MediaPlaylist } from "./playlist.ts";

/** What a reader of playlists found, reduced to what all of them tell. Undefined where one does not tell it. */
export interface Findings {
  readonly targetSeconds: number | undefined;
  readonly firstNumber: number | undefined;
  readonly firstDiscontinuity: number | undefined;
  readonly ended: boolean;
  readonly partTarget: number | undefined;
  readonly canBlock: boolean;
  readonly canSkipUntil: number | undefined;
  readonly partHoldBack: number | undefined;
  readonly skipped: number;
  /** URI and duration of each segment. */
  readonly segments: readonly string[];
  /** URI and duration of each part. */
  readonly parts: readonly string[];
  /** Those of TYPE=PART. */
  readonly hints: readonly string[];
  readonly reports: readonly string[];
}

/** What one parser makes of a text. */
export interface Parsed {
  readonly parser: string;
  /** Undefined: it gave up. */
  readonly findings: Findings | undefined;
  readonly complaints: readonly string[];
}

/** The two independent parsers and what they make of a playlist. */
export function parseWithBoth({ url, text }: MediaPlaylist): Parsed[] {
  return [withM3u8Parser(url, text), withHlsParser(url, text)];
}

function withM3u8Parser(url: string, text: string): Parsed {
  const complaints: string[] = [];
  try {
    const parser = new M3u8Parser();
    for (const event of ["warn", "error"] as const) parser.on(event, ({ message }) => complaints.push(message));
    parser.push(text);
    parser.end();
    return { parser: "m3u8-parser", findings: fromM3u8Parser(url, parser.manifest), complaints };
  } catch (error) {
    return { parser: "m3u8-parser", findings: undefined, complaints: [...complaints, reasonOf(error)] };
  }
}

function fromM3u8Parser(url: string, manifest: M3u8Parser["manifest"]): Findings {
  const segments = manifest.segments ?? [];
  const { preloadSegment: open, serverControl } = manifest;
  return {
    targetSeconds: manifest.targetDuration,
    firstNumber: manifest.mediaSequence,
    firstDiscontinuity: manifest.discontinuitySequence,
    ended: manifest.endList === true,
    partTarget: manifest.partTargetDuration,
    canBlock: serverControl?.canBlockReload === true,
    canSkipUntil: numberOf(serverControl?.canSkipUntil),
    partHoldBack: numberOf(serverControl?.partHoldBack),
    skipped: numberOf(manifest.skip?.skippedSegments) ?? 0,
    segments: segments.map(({ uri, duration }) => item(url, uri, duration)),
    parts: [...segments, ...(open === undefined ? [] : [open])].flatMap(({ parts }) =>
      (parts ?? []).map((part) => item(url, textIn(part, "uri"), part.duration)),
    ),
    hints: (open?.preloadHints ?? [])
      .filter((hint) => textIn(hint, "type") === "PART")
      .map((hint) => item(url, textIn(hint, "uri"), "PART")),
    reports: (manifest.renditionReports ?? []).map((report) =>
      item(url, textIn(report, "uri"), `${numberOf(report.lastMsn)}.${numberOf(report.lastPart)}`),
    ),
  };
}

function withHlsParser(url: string, text: string): Parsed {
  const complaints: string[] = [];
  const attempt = (strictMode: boolean): Findings | undefined => {
    setOptions({ strictMode, silent: true });
    try {
      return fromHlsParser(url, parseWithHlsParser(text));
    } catch (error) {
      complaints.push(reasonOf(error));
      return undefined;
    }
  };
  // Strict, it gives up at the first thing that it does not like; what it finds is wanted nevertheless.
  const findings = attempt(true) ?? attempt(false);
  return { parser: "hls-parser", findings, complaints };
}

function fromHlsParser(url: string, playlist: ReturnType<typeof parseWithHlsParser>): Findings {
  if (playlist.isMasterPlaylist) throw new Error("it takes this for a multivariant playlist");
  const { segments, lowLatencyCompatibility: control } = playlist;
  // It keeps the segment that is not complete as a last one without an address.
  const complete = segments.filter(({ uri }) => uri !== "");
  const allParts = segments.flatMap(({ parts }) => parts);
  return {
    targetSeconds: playlist.targetDuration,
    firstNumber: playlist.mediaSequenceBase ?? 0,
    firstDiscontinuity: playlist.discontinuitySequenceBase ?? 0,
    ended: playlist.endlist,
    partTarget: playlist.partTargetDuration,
    canBlock: control?.canBlockReload === true,
    canSkipUntil: control?.canSkipUntil,
    partHoldBack: control?.partHoldBack,
    skipped: playlist.skip,
    segments: complete.map(({ uri, duration }) => item(url, uri, duration)),
    parts: allParts.filter(({ hint }) => !hint).map(({ uri, duration }) => item(url, uri, duration)),
    hints: allParts.filter(({ hint }) => hint).map(({ uri }) => item(url, uri, "PART")),
    reports: playlist.renditionReports.map(({ uri, lastMSN, lastPart }) => item(url, uri, `${lastMSN}.${lastPart}`)),
  };
}

/** What this check itself found. */
export function ownFindings(playlist: MediaPlaylist): Findings {
  const { serverControl, segments, open } = playlist;
  const number = (name: string) => numberOf(Number(serverControl?.get(name) ?? Number.NaN));
  return {
    targetSeconds: playlist.targetSeconds,
    firstNumber: playlist.firstNumber,
    firstDiscontinuity: playlist.firstDiscontinuity,
    ended: playlist.ended,
    partTarget: playlist.partTarget,
    canBlock: serverControl?.get("CAN-BLOCK-RELOAD") === "YES",
    canSkipUntil: number("CAN-SKIP-UNTIL"),
    partHoldBack: number("PART-HOLD-BACK"),
    skipped: playlist.skip?.segments ?? 0,
    segments: segments.map(({ url, seconds }) => item(playlist.url, url, seconds)),
    parts: [...segments, open].flatMap(({ parts }) =>
      parts.map(({ url, seconds }) => item(playlist.url, url, seconds)),
    ),
    hints: playlist.hints.filter(({ type }) => type === "PART").map(({ url }) => item(playlist.url, url, "PART")),
    reports: playlist.reports.map(({ url, lastNumber, lastPart }) =>
      item(playlist.url, url, `${lastNumber}.${lastPart}`),
    ),
  };
}

const NAMES = [
  "targetSeconds",
  "firstNumber",
  "firstDiscontinuity",
  "ended",
  "partTarget",
  "canBlock",
  "canSkipUntil",
  "partHoldBack",
  "skipped",
  "segments",
  "parts",
  "hints",
  "reports",
] as const satisfies readonly (keyof Findings)[];

/** The names of what two readers disagree on. */
export function differences(a: Findings, b: Findings): string[] {
  return NAMES.filter((name) => comparable(a[name]) !== comparable(b[name]));
}

function comparable(value: Findings[keyof Findings]): string {
  return String(value);
}

/** The parsers leave addresses relative. */
function item(base: string, uri: string, detail: unknown): string {
  const url = URL.canParse(uri, base) ? new URL(uri, base).href : uri;
  return `${url} ${String(detail)}`;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && !Number.isNaN(value) ? value : undefined;
}

function textIn(object: object, name: string): string {
  const value: unknown = Object.entries(object).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : "";
}
