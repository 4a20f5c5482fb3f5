import { distinct } from "../../numbers.ts";
import { type Rule, verdict } from "../../rule.ts";
import { type HlsContext, inEach, isLive, steps } from "../context.ts";
import { edgeOf, keyOf, type MediaPlaylist, type OpenSegment, partsOf, reaches, type Segment } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** What may change from one playlist to the next, and when it has to. */
export const changeRules: readonly Rule<HlsContext>[] = [
  {
    id: "target-duration-constant",
    section: "6.2.1",
    level: "MUST",
    title: "TARGETDURATION is there and never changes",
    run: (context) => {
      const values = (watch: RenditionWatch) => distinct(watch.playlists.map(({ targetSeconds }) => targetSeconds));
      return verdict(
        inEach(context, (watch) => {
          const [first, ...others] = values(watch);
          return first === undefined || first < 1 || others.length > 0
            ? [`TARGETDURATION ${[first, ...others].join(", then ")}`]
            : [];
        }),
        context.renditions.map((watch) => `${watch.name} ${values(watch).join()} s`).join(", "),
      );
    },
  },
  {
    id: "media-sequence",
    section: "6.2.2",
    level: "MUST",
    title: "MEDIA-SEQUENCE never decreases, and counts what leaves",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, (watch) => [...steps(watch)].flatMap(sequenceProblem)),
        context.renditions
          .map(({ name, playlists, latest }) => `${name} ${playlists[0]?.firstNumber} to ${latest.firstNumber}`)
          .join(", "),
      ),
  },
  {
    id: "discontinuity-sequence",
    section: "6.2.2",
    level: "MUST",
    title: "a segment keeps its discontinuity number",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, (watch) => [...steps(watch)].flatMap(discontinuityProblem)),
        context.renditions.map(({ name, latest }) => `${name} ${latest.firstDiscontinuity}`).join(", "),
      ),
  },
  {
    id: "only-appended",
    section: "6.2.1",
    level: "MUST",
    title: "what is listed stays as it is until it leaves",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, (watch) => [...steps(watch)].flatMap(changeProblems)),
        `${context.renditions.flatMap(({ playlists }) => playlists).length} playlists in a row`,
      ),
  },
  {
    id: "no-playlist-type",
    section: "6.2.2",
    level: "MUST",
    title: "a live playlist has no PLAYLIST-TYPE",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) =>
          distinct(playlists.flatMap(({ type }) => type ?? [])).map((type) => `PLAYLIST-TYPE:${type}`),
        ),
        "none",
      ),
  },
];

interface Step {
  readonly before: MediaPlaylist;
  readonly after: MediaPlaylist;
}

function sequenceProblem({ before, after }: Step): string[] {
  const [from, to] = [before.firstNumber, after.firstNumber];
  if (to < from) return [`${from} fell to ${to}`];
  // Whoever is still listed tells how many have left.
  const [oldest] = after.segments;
  const earlier = before.segments.find(
    ({ url, range }) => oldest !== undefined && keyOf({ url, range }) === keyOf(oldest),
  );
  return oldest !== undefined && earlier !== undefined && oldest.number !== earlier.number
    ? [`segment ${earlier.number} became ${oldest.number}`]
    : [];
}

function discontinuityProblem({ before, after }: Step): string[] {
  if (after.firstDiscontinuity < before.firstDiscontinuity) {
    return [`DISCONTINUITY-SEQUENCE fell from ${before.firstDiscontinuity} to ${after.firstDiscontinuity}`];
  }
  return pairs(before, after)
    .filter(({ was, is }) => was.discontinuities !== is.discontinuities)
    .map(({ was, is }) => `segment ${was.number} had ${was.discontinuities} and has ${is.discontinuities}`);
}

/** Segments that both playlists list. */
function pairs(before: MediaPlaylist, after: MediaPlaylist): { was: Segment; is: Segment }[] {
  const now = new Map(after.segments.map((segment) => [segment.number, segment]));
  return before.segments.flatMap((was) => {
    const is = now.get(was.number);
    return is === undefined ? [] : [{ was, is }];
  });
}

function changeProblems({ before, after }: Step): string[] {
  const changed = pairs(before, after).filter(({ was, is }) => signature(was) !== signature(is));
  const listed = new Map(partsOf(after).map(({ number, index, part }) => [`${number}.${index}`, part]));
  const parts = partsOf(before).filter(({ number, index, part }) => {
    const is = listed.get(`${number}.${index}`);
    return (
      is !== undefined &&
      `${keyOf(is)} ${is.seconds} ${is.independent}` !== `${keyOf(part)} ${part.seconds} ${part.independent}`
    );
  });
  return [
    ...changed.map(({ was }) => `segment ${was.number} changed`),
    ...parts.map(({ number, index }) => `part ${number}.${index} changed`),
    ...(reaches(after, edgeOf(before)) ? [] : ["the newest part or segment is gone again"]),
    ...openProblem(before.open, after),
  ];
}

/** The parts that a segment was begun with are its parts when it is complete. */
function openProblem(open: OpenSegment, after: MediaPlaylist): string[] {
  const complete = after.segments.find(({ number }) => number === open.number);
  if (complete === undefined || complete.parts.length === 0 || complete.parts.length >= open.parts.length) return [];
  return [`segment ${open.number} had ${open.parts.length} parts and has ${complete.parts.length}`];
}

const signature = (segment: Segment) =>
  [
    keyOf(segment),
    segment.seconds,
    segment.gap,
    segment.map === undefined ? "" : keyOf(segment.map),
    segment.hasOwnDate ? segment.wallMs : "",
  ].join(" ");
