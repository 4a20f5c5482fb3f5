import { distinct } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { type HlsContext, hasSeveral, inEach, isLive } from "../context.ts";
import { edgeOf, type MediaPlaylist, type Position } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** What each playlist tells of the others. */
export const reportRules: readonly Rule<HlsContext>[] = [
  {
    id: "reports-complete",
    section: "B.1",
    level: "MUST",
    title: "one RENDITION-REPORT for every other rendition, none for itself",
    needs: [isLive, hasSeveral],
    run: (context) =>
      verdict(
        inEach(context, (watch) => distinct(watch.playlists.flatMap((playlist) => missing(playlist, watch, context)))),
        context.renditions.map(({ name, latest }) => `${name} ${latest.reports.length}`).join(", "),
      ),
  },
  {
    id: "reports-relative",
    section: "4.4.5.4",
    level: "MUST",
    title: "the URI of a report is relative to its playlist",
    needs: [isLive, hasSeveral],
    run: (context) => {
      const uris = distinct(context.renditions.flatMap(({ latest }) => latest.reports.map(({ uri }) => uri)));
      if (uris.length === 0) return unjudged("no RENDITION-REPORT");
      return verdict(
        uris.filter((uri) => /^[a-z][a-z0-9+.-]*:/i.test(uri)),
        uris.join(", "),
      );
    },
  },
  {
    id: "reports-true",
    section: "4.4.5.4",
    level: "MUST",
    title: "reports are as new as the playlist they stand in",
    needs: [isLive, hasSeveral],
    run: async (context) => {
      const trials: string[] = [];
      let judged = 0;
      for (let round = 0; round < ROUNDS; round++) {
        for (const [index, watch] of context.renditions.entries()) {
          const other = context.renditions[(index + 1) % context.renditions.length];
          if (other === undefined || other === watch) continue;
          const found = await trial(watch, other);
          judged += found === undefined ? 0 : 1;
          trials.push(...(found ?? []));
        }
      }
      return judged === 0
        ? unjudged("no RENDITION-REPORT to compare")
        : verdict(distinct(trials), `${judged} compared`);
    },
  },
];

const ROUNDS = 3;
/** Parts that a report may be behind: those of the other rendition that came while this playlist had nothing new. */
const MAY_LAG_PARTS = 1;

function missing({ reports, ended }: MediaPlaylist, watch: RenditionWatch, { renditions }: HlsContext): string[] {
  if (ended) return [];
  const others = renditions.filter((other) => other !== watch);
  const count = (url: string) => reports.filter((report) => withoutQuery(report.url) === withoutQuery(url)).length;
  return [
    ...others
      .filter(({ entry }) => count(entry.url) !== 1)
      .map(({ entry, name }) => `${count(entry.url)} reports of ${name}`),
    ...(count(watch.entry.url) > 0 ? ["a report of itself"] : []),
  ];
}

const withoutQuery = (url: string) => url.replace(/[?#].*$/, "");

/** What `watch` says of `other`, between what `other` itself says just before and just after. */
async function trial(watch: RenditionWatch, other: RenditionWatch): Promise<string[] | undefined> {
  const before = (await other.askPlaylist({})).playlist;
  const told = (await watch.askPlaylist({})).playlist;
  const after = (await other.askPlaylist({})).playlist;
  const report = told?.reports.find(({ url }) => withoutQuery(url) === withoutQuery(other.entry.url));
  if (before === undefined || after === undefined || told === undefined || report === undefined) return undefined;
  // What is left out is as in the playlist itself (§4.4.5.4).
  const own = edgeOf(told);
  const position = { number: report.lastNumber ?? own.number, part: report.lastPart ?? own.part };
  const text = `${watch.name} says ${show(position)} of ${other.name}`;
  if (isAfter(position, edgeOf(after))) return [`${text}, which is at ${show(edgeOf(after))}`];
  return partsBetween(position, before) > MAY_LAG_PARTS ? [`${text}, which was at ${show(edgeOf(before))} before`] : [];
}

const show = ({ number, part }: Position) => (part === undefined ? String(number) : `${number}.${part}`);

function isAfter(one: Position, other: Position): boolean {
  return one.number > other.number || (one.number === other.number && (one.part ?? 0) > (other.part ?? 0));
}

/** Parts (or segments, where there are no parts) that the playlist lists after a position. */
function partsBetween({ number, part }: Position, { segments, open }: MediaPlaylist): number {
  const later = [...segments, open].filter((segment) => segment.number >= number);
  return later.reduce((total, { number: own, parts }) => {
    if (own === number) return total + Math.max(0, parts.length - 1 - (part ?? 0));
    return total + (parts.length > 0 || own === open.number ? parts.length : 1);
  }, 0);
}
