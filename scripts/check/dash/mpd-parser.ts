import { type ParsedPlaylist, parse } from "mpd-parser";
import { reasonOf } from "../rule.ts";
import type { Mpd, Representation } from "./mpd.ts";
import { initAddress, segmentsOf } from "./segments.ts";

/** Segments at either end that the two may see differently, as their clocks and windows differ by that much. */
const AT_THE_ENDS = 3;
/** ms ahead of the clock that mpd-parser may list. */
const AHEAD_MS = 30_000;

/** Where mpd-parser, which is written by others, sees something else in a manifest. */
export function mpdParserProblems(mpd: Mpd, now: number): string[] {
  let playlists: ParsedPlaylist[];
  try {
    const { playlists: videos = [], mediaGroups } = parse(mpd.text, { manifestUri: mpd.url });
    const audio = Object.values(mediaGroups?.AUDIO ?? {}).flatMap((group) =>
      Object.values(group).flatMap((one) => one.playlists),
    );
    playlists = [...videos, ...audio];
  } catch (error) {
    return [`mpd-parser gives up: ${reasonOf(error)}`];
  }
  const own = mpd.periods.at(-1)?.representations.filter(({ kind }) => kind !== "other") ?? [];
  return own.flatMap((representation) => {
    const playlist = playlists.find(({ attributes }) => attributes.NAME === representation.id);
    if (playlist === undefined) return [`mpd-parser does not see ${representation.id}`];
    return differences(mpd, representation, playlist, now).map((problem) => `${representation.id}: ${problem}`);
  });
}

function differences(mpd: Mpd, representation: Representation, { segments }: ParsedPlaylist, now: number): string[] {
  const period = mpd.periods.at(-1);
  if (period === undefined) return [];
  const ahead = mpd.dynamic ? AHEAD_MS : 0;
  const own = new Set(
    segmentsOf({ ...mpd, timeShiftBufferDepth: undefined }, period, representation, now, ahead).map(({ url }) => url),
  );
  const listed = segmentsOf(mpd, period, representation, now);
  const theirs = new Set(segments.map(({ resolvedUri }) => resolvedUri));
  const inner = segments.slice(AT_THE_ENDS, -AT_THE_ENDS);
  const [foreign] = inner.filter(({ resolvedUri }) => !own.has(resolvedUri));
  const [unseen] = listed.slice(AT_THE_ENDS, -AT_THE_ENDS).filter(({ url }) => !theirs.has(url));
  const init = segments.at(-1)?.map?.resolvedUri;
  return [
    ...(foreign === undefined ? [] : [`only mpd-parser sees ${foreign.resolvedUri}`]),
    ...(unseen === undefined ? [] : [`mpd-parser does not see ${unseen.url}`]),
    ...(init !== undefined && init !== initAddress(representation)
      ? [`mpd-parser takes ${init} for the init segment`]
      : []),
  ];
}
