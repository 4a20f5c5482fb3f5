import { inPieces, type Reply } from "./answering.ts";
import type { HlsFaults, Moment, TrackName } from "./hls-stand-in.ts";

/** One way to break one rule. */
export interface HlsBreak {
  /** The rule that has to fail. */
  readonly rule: string;
  readonly faults: HlsFaults;
  /** What the verdict has to say. */
  readonly seen: RegExp;
}

/** Changes media playlists before they are sent. */
export function rewrite(playlist: (body: string, moment: Moment) => string): HlsFaults {
  return { playlist };
}

/** Replaces a text everywhere it stands in media playlists. */
export function edit(before: string | RegExp, after: string): HlsFaults {
  return rewrite((body) => (typeof before === "string" ? body.replaceAll(before, after) : body.replace(before, after)));
}

/** Another answer at one address. */
export function at(url: URL, path: string, reply: Reply): Reply | undefined {
  return url.pathname === path ? reply : undefined;
}

/** What is answered for a segment or a part; undefined: what the stand-in has. */
type Making = (number: number, track: TrackName) => Reply | undefined;

/** Another answer for segments. */
export const segmentAsked = (url: URL, make: Making) => mediaAsked(/^\/(hi|lo)\/(\d+)\.m4s$/, url, make);
/** Another answer for parts. */
export const partAsked = (url: URL, make: Making) => mediaAsked(/^\/(hi|lo)\/(\d+)\.\d\.part\.m4s$/, url, make);

function mediaAsked(pattern: RegExp, { pathname }: URL, make: Making): Reply | undefined {
  const [, track, number] = pattern.exec(pathname) ?? [];
  return track === "hi" || track === "lo" ? make(Number(number), track) : undefined;
}

/** The same bytes, sent as if they were being made. */
export function trickled(reply: Reply): Reply {
  if (!(reply.body instanceof Uint8Array)) return reply;
  return { ...reply, body: inPieces(reply.body, 4, 60) };
}
