import { outcomeOf } from "../../client.ts";
import { distinct, seconds } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { askEach, type HlsContext, hasParts, isLive, offersBlocking, offersDelta } from "../context.ts";
import { keyOf, type MediaPlaylist, nextOf, partsOf, reaches, sum } from "../playlist.ts";
import { directives, type RenditionWatch } from "../watch.ts";
import { disagreements } from "./syntax.ts";

/** Playlist delta updates (§6.2.5.1). */
export const deltaRules: readonly Rule<HlsContext>[] = [
  {
    id: "delta-answers",
    section: "6.2.5.1",
    level: "MUST",
    title: "_HLS_skip=YES gets a delta update",
    needs: [isLive, offersDelta, hasSkippable],
    run: (context) => answersDelta(context, "YES"),
  },
  {
    id: "delta-v2",
    section: "6.2.5.1",
    level: "MUST",
    title: "_HLS_skip=v2, too, with what became of date ranges",
    needs: [isLive, offersDelta, hasSkippable],
    run: (context) => answersDelta(context, "v2"),
  },
  {
    id: "delta-true",
    section: "6.2.5.1",
    level: "MUST",
    title: "a delta update is the playlist without what it skips",
    needs: [isLive, offersDelta, hasSkippable],
    run: async (context) => {
      let skipped = 0;
      const problems = await askEach(context, async (watch) => {
        const [before, delta, after] = [
          await full(watch),
          (await watch.askPlaylist({ _HLS_skip: "YES" })).playlist,
          await full(watch),
        ];
        if (before === undefined || after === undefined || delta?.skip === undefined) return [];
        skipped = Math.max(skipped, delta.skip.segments);
        return [...deltaProblems(delta, [before, after]), ...disagreements(delta)];
      });
      if (skipped === 0) return unjudged("no delta update came");
      return verdict(problems, `up to ${skipped} segments skipped`);
    },
  },
  {
    id: "delta-and-block",
    section: "6.2.5",
    level: "MUST",
    title: "a delta update can be waited for",
    needs: [isLive, hasParts, offersDelta, offersBlocking, hasSkippable],
    run: async (context) => {
      const problems = await askEach(context, async (watch) => {
        const next = nextOf((await full(watch)) ?? watch.latest);
        const { answer, playlist } = await watch.askPlaylist({ ...directives(next), _HLS_skip: "YES" });
        if (playlist === undefined) return [outcomeOf(answer)];
        if (playlist.ended) return [];
        return [
          reaches(playlist, next) ? undefined : `${next.number}.${next.part} is not in it`,
          playlist.skip === undefined && isSkippable(playlist) ? "the whole playlist came" : undefined,
        ];
      });
      return verdict(problems, "with the part that was asked for");
    },
  },
  {
    id: "date-ranges-alike",
    section: "6.2.4",
    level: "MUST",
    title: "renditions with date ranges have the same",
    run: ({ renditions }) => {
      const sets = renditions.map(({ latest }) => latest.dateRanges.toSorted().join(", ")).filter((set) => set !== "");
      if (sets.length === 0) return unjudged("no EXT-X-DATERANGE was seen");
      return verdict(distinct(sets).length > 1 ? [`different ones: ${distinct(sets).join(" | ")}`] : [], sets[0] ?? "");
    },
  },
];

const TOLERANCE_SECONDS = 0.01;

/** A need: some playlist has segments beyond its skip boundary. */
function hasSkippable({ renditions }: HlsContext): string | undefined {
  if (renditions.some(({ latest }) => isSkippable(latest))) return undefined;
  const [first] = renditions;
  const boundary = first?.latest.serverControl?.get("CAN-SKIP-UNTIL");
  return `nothing is older than CAN-SKIP-UNTIL yet: ${seconds(sum(first?.latest.segments.map((one) => one.seconds) ?? []))} listed, ${boundary} s are kept`;
}

/** Whether a segment ends further from the end of the last one than the skip boundary. */
function isSkippable({ segments, serverControl }: MediaPlaylist): boolean {
  const boundary = Number(serverControl?.get("CAN-SKIP-UNTIL") ?? Number.POSITIVE_INFINITY);
  return sum(segments.slice(1).map((one) => one.seconds)) > boundary + TOLERANCE_SECONDS;
}

const full = async (watch: RenditionWatch) => (await watch.askPlaylist({})).playlist;

async function answersDelta(context: HlsContext, value: "YES" | "v2") {
  const seen: string[] = [];
  const problems = await askEach(context, async (watch) => {
    if (!isSkippable(watch.latest)) return [];
    const { answer, playlist } = await watch.askPlaylist({ _HLS_skip: value });
    if (playlist === undefined) return [outcomeOf(answer)];
    if (playlist.ended) return [];
    const { skip, serverControl, version } = playlist;
    if (skip === undefined || skip.segments === 0) return ["the whole playlist came"];
    seen.push(`${watch.name} skips ${skip.segments}`);
    const skipsDates = value === "v2" && serverControl?.get("CAN-SKIP-DATERANGES") === "YES";
    const least = skipsDates ? 10 : 9;
    return [
      skipsDates && skip.removedDateRanges === undefined ? "no RECENTLY-REMOVED-DATERANGES" : undefined,
      version < least ? `version ${version}, EXT-X-SKIP wants ${least}` : undefined,
    ];
  });
  return verdict(problems, seen.join(", "));
}

/** What a delta update has otherwise than the whole playlists from just before and just after it. */
function deltaProblems(delta: MediaPlaylist, wholes: readonly MediaPlaylist[]): string[] {
  const known = new Map(wholes.flatMap(({ segments }) => segments.map((segment) => [segment.number, segment])));
  const parts = new Map(
    wholes.flatMap((whole) => partsOf(whole).map(({ number, index, part }) => [`${number}.${index}`, keyOf(part)])),
  );
  const others = delta.segments.filter((segment) => known.get(segment.number)?.url !== segment.url);
  const otherParts = partsOf(delta).filter(
    ({ number, index, part }) => parts.has(`${number}.${index}`) && parts.get(`${number}.${index}`) !== keyOf(part),
  );
  const gone = [...parts.keys()].filter(
    (name) => wholes.every((whole) => hasPart(whole, name)) && !hasPart(delta, name),
  );
  const head = wholes.every(
    ({ targetSeconds, partTarget }) => targetSeconds === delta.targetSeconds && partTarget === delta.partTarget,
  );
  return [
    ...others.map(({ number }) => `segment ${number} is another one`),
    ...otherParts.map(({ number, index }) => `part ${number}.${index} is another one`),
    ...(gone.length > 0 ? [`part ${gone[0]} is missing`] : []),
    ...(head ? [] : ["another TARGETDURATION or PART-TARGET"]),
    ...skipsTooMuch(delta, known),
  ];
}

function hasPart(playlist: MediaPlaylist, name: string): boolean {
  return partsOf(playlist).some(({ number, index }) => `${number}.${index}` === name);
}

/** What begins within the skip boundary has to stay. */
function skipsTooMuch(delta: MediaPlaylist, known: ReadonlyMap<number, { readonly seconds: number }>): string[] {
  const boundary = Number(delta.serverControl?.get("CAN-SKIP-UNTIL") ?? 0);
  const [first] = delta.segments;
  const lastSkipped = first === undefined ? undefined : known.get(first.number - 1);
  if (lastSkipped === undefined) return [];
  const distance = sum(delta.segments.map((one) => one.seconds)) + lastSkipped.seconds;
  return distance < boundary - TOLERANCE_SECONDS
    ? [`it skips what is ${seconds(distance)} from the end, ${seconds(boundary)} are kept`]
    : [];
}
