import type { Answer, Client } from "../client.ts";
import type { RenditionWatch } from "./watch.ts";

/** What the rules for HLS are judged by: what was observed, and the means to ask more. */
export interface HlsContext {
  /** The answer of the address that was given. */
  readonly entry: Answer;
  readonly isMultivariant: boolean;
  /** Of the multivariant playlist. */
  readonly problems: readonly string[];
  /** The media playlists that answered; at least one. */
  readonly renditions: readonly RenditionWatch[];
  /** Those that did not. */
  readonly missing: readonly RenditionWatch[];
  /** ms that may be lost between the server and here. */
  readonly slackMs: number;
  readonly client: Client;
}

/** Nothing is added any more. */
export const hasEnded = ({ renditions }: HlsContext): boolean => renditions.every(({ latest }) => latest.ended);

/** A need: the stream is live. */
export const isLive = (context: HlsContext): string | undefined =>
  hasEnded(context) ? "the playlists have ended" : undefined;

/** A need: parts were seen. */
export const hasParts = ({ renditions }: HlsContext): string | undefined =>
  renditions.some(({ media }) => media.parts.size > 0) ? undefined : "no EXT-X-PART: not low latency";

/** A need: there is something to compare with. */
export const hasSeveral = ({ renditions }: HlsContext): string | undefined =>
  renditions.length > 1 ? undefined : "there is one media playlist only";

/** A need: blocking reload is offered. */
export const offersBlocking = ({ renditions }: HlsContext): string | undefined =>
  renditions.every(({ latest }) => latest.serverControl?.get("CAN-BLOCK-RELOAD") === "YES")
    ? undefined
    : "CAN-BLOCK-RELOAD is not offered";

/** A need: delta updates are offered. */
export const offersDelta = ({ renditions }: HlsContext): string | undefined =>
  renditions.some(({ latest }) => latest.serverControl?.has("CAN-SKIP-UNTIL") === true)
    ? undefined
    : "CAN-SKIP-UNTIL is not offered";

/** The violations that `find` sees in each rendition, with the rendition's name before them. */
export function inEach(
  { renditions }: HlsContext,
  find: (watch: RenditionWatch) => readonly (string | undefined)[],
): string[] {
  return renditions.flatMap((watch) => named(watch, find(watch)));
}

/** The same where the server is asked something; all renditions at once. */
export async function askEach(
  { renditions }: HlsContext,
  find: (watch: RenditionWatch) => Promise<readonly (string | undefined)[]>,
): Promise<string[]> {
  const found = await Promise.all(renditions.map(async (watch) => named(watch, await find(watch))));
  return found.flat();
}

function named({ name }: RenditionWatch, violations: readonly (string | undefined)[]): string[] {
  return violations.flatMap((violation) => (violation === undefined ? [] : [`${name}: ${violation}`]));
}

/** Every pair of a playlist and the one that came after it. */
export function* steps({ playlists }: RenditionWatch) {
  for (let index = 1; index < playlists.length; index++) {
    const [before, after] = [playlists[index - 1], playlists[index]];
    if (before !== undefined && after !== undefined) yield { before, after };
  }
}
