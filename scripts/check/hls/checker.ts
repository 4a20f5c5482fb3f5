import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Client, isGood, outcomeOf, textOf } from "../client.ts";
import { CannotCheck, type Checker, type CheckOptions } from "../command-line.ts";
import type { HlsContext } from "./context.ts";
import { isMultivariant, type RenditionEntry, readMultivariant } from "./multivariant.ts";
import { isPlaylist } from "./read-playlist.ts";
import { hlsRules } from "./rules/all.ts";
import { RenditionWatch } from "./watch.ts";

/** Checks any server's HLS and low-latency HLS. */
export const hlsChecker: Checker<HlsContext> = { name: "check:hls", rules: hlsRules, observe };

/** Follows every media playlist behind an address for as long as was asked. */
async function observe({ url, seconds, slackMs }: CheckOptions, client: Client): Promise<HlsContext> {
  const entry = await client.get(url);
  const text = textOf(entry);
  refuse(url, entry, text);
  const several = isMultivariant(text);
  const { renditions: entries, problems } = several ? readMultivariant(url, text) : only(url);
  const watched = namesOf(entries).map(({ entry: one, name }) => new RenditionWatch(one, name, client));
  if (watched.length === 0) throw new CannotCheck(`${url} names no media playlist of video or audio`);

  const loaded = await Promise.all(watched.map((watch) => loadFirst(watch)));
  const renditions = watched.filter((_, index) => loaded[index]);
  const missing = watched.filter((_, index) => loaded[index] !== true);
  if (renditions.length === 0)
    throw new CannotCheck(`${url} names ${watched.length} media playlists, and none is there`);

  const until = performance.now() + seconds * 1000;
  await Promise.all(renditions.map((watch) => watch.follow(until)));
  await Promise.all(renditions.map(({ media }) => media.settle()));
  return { entry, isMultivariant: several, problems, renditions, missing, slackMs, client };
}

function refuse(url: string, entry: Answer, text: string): void {
  if (entry.status === 0) throw new CannotCheck(`${url} cannot be reached: ${entry.problem}`);
  if (!isGood(entry)) throw new CannotCheck(`${url} answers ${outcomeOf(entry)}`);
  if (isPlaylist(text)) return;
  throw new CannotCheck(`${url} is no HLS playlist: it begins with ${JSON.stringify(text.slice(0, 40))}`);
}

function only(url: string): { renditions: RenditionEntry[]; problems: string[] } {
  return { renditions: [{ url, kind: "variant", codecs: [] }], problems: [] };
}

const FIRST_TRIES = 3;
const BETWEEN_TRIES_MS = 500;

/** A stream that has only begun may list a playlist a moment before it is there. */
async function loadFirst(watch: RenditionWatch): Promise<boolean> {
  for (let attempt = 0; attempt < FIRST_TRIES; attempt++) {
    if (attempt > 0) await sleep(BETWEEN_TRIES_MS);
    if (await watch.load()) return true;
  }
  return false;
}

/** Short names that tell the renditions apart: what their addresses do not share. Subtitles have rules of their own. */
function namesOf(entries: readonly RenditionEntry[]): { entry: RenditionEntry; name: string }[] {
  return entries
    .filter(({ kind }) => kind !== "subtitles")
    .map((entry) => {
      const path = new URL(entry.url).pathname.split("/");
      const others = entries.filter((other) => other !== entry).map(({ url }) => new URL(url).pathname.split("/"));
      const own = path.filter((part, index) => others.length === 0 || others.some((other) => other[index] !== part));
      return { entry, name: own.join("/") || (path.at(-1) ?? entry.url) };
    });
}
