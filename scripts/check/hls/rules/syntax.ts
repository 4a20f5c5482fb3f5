import { cacheSeconds, outcomeOf } from "../../client.ts";
import { distinct, seconds } from "../../numbers.ts";
import { pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { type HlsContext, hasEnded, inEach } from "../context.ts";
import { differences, ownFindings, type Parsed, parseWithBoth } from "../parsers.ts";
import type { MediaPlaylist } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** What holds for every playlist by itself, and how it is sent. */
export const syntaxRules: readonly Rule<HlsContext>[] = [
  {
    id: "playlists-answer",
    section: "6.2.4",
    level: "MUST",
    title: "every media playlist that is named is there",
    run: ({ missing, renditions, problems }) =>
      verdict(
        [
          ...problems,
          ...missing.map(({ name, refusals }) => `${name}: ${refusals.map(({ answer }) => outcomeOf(answer)).at(-1)}`),
        ],
        `${renditions.length}: ${renditions.map(({ name }) => name).join(", ")}`,
      ),
  },
  {
    id: "grammar",
    section: "4.2, 4.4",
    level: "MUST",
    title: "playlists can be read without a complaint",
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) => distinct(playlists.flatMap(({ problems }) => problems))),
        `${playlistsOf(context).length} playlists`,
      ),
  },
  {
    id: "parsers-agree",
    section: "4",
    level: "MUST",
    title: "two independent parsers find the same in them",
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) => distinct(playlists.flatMap(disagreements))),
        `m3u8-parser, hls-parser and this check agree on ${playlistsOf(context).length} playlists; ${newest(context)}`,
      ),
  },
  {
    id: "parser-complaints",
    section: "4",
    level: "SHOULD",
    title: "neither parser complains",
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) => distinct(playlists.flatMap(complaints))),
        "no complaint",
      ),
  },
  {
    id: "content-type",
    section: "4",
    level: "MUST",
    title: "playlists are told by type or by name",
    run: (context) => {
      const answers = [
        context.entry,
        ...context.renditions.flatMap(({ snapshots }) => snapshots.map(({ answer }) => answer)),
      ];
      const types = distinct(
        answers.map(({ headers }) => (headers.get("content-type") ?? "none").split(";")[0]?.trim() ?? ""),
      );
      const odd = answers.filter(
        ({ headers, url }) =>
          !PLAYLIST_TYPE.test(headers.get("content-type") ?? "") && !PLAYLIST_NAME.test(new URL(url).pathname),
      );
      return verdict(
        odd.length > 0 ? [`${types.join(", ")} below a name that does not end in .m3u8`] : [],
        types.join(", "),
      );
    },
  },
  {
    id: "version",
    section: "4.4.1.2, 8",
    level: "MUST",
    title: "EXT-X-VERSION is as high as the tags want",
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) => distinct(playlists.flatMap(versionTooLow))),
        distinct(playlistsOf(context).map(({ version }) => `version ${version}`)).join(", "),
      ),
  },
  {
    id: "gzip",
    section: "6.2.1, B.1",
    level: "SHOULD",
    title: "playlists are sent compressed",
    run: (context) => {
      const plain = ({ snapshots }: RenditionWatch) =>
        snapshots.filter(({ answer }) => !answer.headers.has("content-encoding"));
      const encodings = distinct(
        context.renditions.flatMap(({ snapshots }) =>
          snapshots.map(({ answer }) => answer.headers.get("content-encoding")),
        ),
      );
      return verdict(
        inEach(context, (watch) =>
          plain(watch).length > 0 ? [`${plain(watch).length} of ${watch.snapshots.length} uncompressed`] : [],
        ),
        encodings.join(", "),
      );
    },
  },
  {
    id: "cors",
    section: "Fetch 3.3",
    level: "SHOULD",
    title: "pages of other sites may read playlists and media",
    run: (context) => {
      const answers = [
        context.entry,
        ...context.renditions.flatMap(({ snapshots, media }) => [
          ...snapshots.map(({ answer }) => answer),
          ...media.inits,
        ]),
      ];
      const closed = answers.filter(({ headers }) => !headers.has("access-control-allow-origin"));
      return verdict(
        distinct(closed.map(({ url }) => `no Access-Control-Allow-Origin at ${new URL(url).pathname}`)),
        distinct(answers.map(({ headers }) => headers.get("access-control-allow-origin"))).join(", "),
      );
    },
  },
  {
    id: "playlist-caching",
    section: "B.1",
    level: "SHOULD",
    title: "caches keep playlists for a time that fits",
    run: (context) => {
      if (hasEnded(context)) return unjudged("the playlists have ended");
      const problems = inEach(context, cachingProblems);
      const kept = distinct(
        context.renditions.flatMap(({ snapshots }) =>
          snapshots.map(({ answer }) => answer.headers.get("cache-control") ?? "no Cache-Control"),
        ),
      );
      return problems.length > 0 ? verdict(problems, "") : pass(kept.join(" | "));
    },
  },
];

const PLAYLIST_TYPE = /^(application\/vnd\.apple\.mpegurl|audio\/mpegurl|application\/x-mpegurl)\b/i;
const PLAYLIST_NAME = /\.m3u8?$/;

const playlistsOf = ({ renditions }: HlsContext) => renditions.flatMap(({ playlists }) => playlists);

function newest({ renditions }: HlsContext): string {
  const [first] = renditions;
  if (first === undefined) return "";
  const { segments, hints, reports } = first.latest;
  return `the newest of ${first.name}: ${segments.length} segments, ${first.media.parts.size} parts seen, ${hints.length} hints, ${reports.length} reports`;
}

/** Where a parser sees something else than this check does. */
export function disagreements(playlist: MediaPlaylist): string[] {
  const own = ownFindings(playlist);
  return parseWithBoth(playlist).flatMap(({ parser, findings, complaints: words }) => {
    if (findings === undefined) return [`${parser} gives up: ${words.at(-1)}`];
    const different = differences(own, findings);
    return different.length === 0 ? [] : [`${parser} finds other ${different.join(", ")}`];
  });
}

/** hls-parser counts segments and parts where the standard counts seconds and has exceptions; own rules judge both. */
const MISTAKEN = /Remove EXT-X-PART tags|at least 85%/;

function complaints(playlist: MediaPlaylist): string[] {
  return parseWithBoth(playlist).flatMap(({ parser, complaints: words }: Parsed) =>
    words.filter((word) => !MISTAKEN.test(word)).map((word) => `${parser}: ${word}`),
  );
}

function versionTooLow({ version, skip, segments }: MediaPlaylist): string[] {
  const wants = [
    { least: 10, where: skip?.removedDateRanges !== undefined, what: "EXT-X-SKIP that replaces date ranges" },
    { least: 9, where: skip !== undefined, what: "EXT-X-SKIP" },
    { least: 6, where: segments.some(({ map }) => map !== undefined), what: "EXT-X-MAP" },
    { least: 3, where: segments.some((segment) => !Number.isInteger(segment.seconds)), what: "fractions of a second" },
  ];
  const [first] = wants.filter(({ least, where }) => where && version < least);
  return first === undefined ? [] : [`version ${version}, and ${first.what} wants ${first.least}`];
}

/** What a cache keeps longer than this is old before it is asked for again. */
function cachingProblems({ snapshots, latest }: RenditionWatch): string[] {
  const target = latest.targetSeconds ?? 0;
  return distinct(
    snapshots.flatMap(({ answer, asked }) => {
      const kept = cacheSeconds(answer.headers);
      if (kept === undefined) return [`no lifetime for a ${asked === undefined ? "plain" : "blocking"} reload`];
      const most = asked === undefined ? Math.max(1, target / 2) : target * 6;
      return kept > most
        ? [
            `${asked === undefined ? "plain" : "blocking"} reloads are kept for ${seconds(kept)}, more than ${seconds(most)}`,
          ]
        : [];
    }),
  );
}
