import { type Answer, isGood, outcomeOf } from "../../client.ts";
import { largest, ms } from "../../numbers.ts";
import { pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { askEach, type HlsContext, hasEnded, hasParts, inEach, isLive, offersBlocking } from "../context.ts";
import { edgeOf, type MediaPlaylist, nextOf, type Position, reaches } from "../playlist.ts";
import { directives, type RenditionWatch } from "../watch.ts";

/** Blocking playlist reload (§6.2.5.2). */
export const blockingRules: readonly Rule<HlsContext>[] = [
  {
    id: "block-for-part",
    section: "6.2.5.2",
    level: "MUST",
    title: "_HLS_msn and _HLS_part: answered when the part is there",
    needs: [isLive, hasParts, offersBlocking],
    run: (context) => {
      const asked = context.renditions.flatMap(({ snapshots }) =>
        snapshots.filter((snapshot) => snapshot.asked?.part !== undefined),
      );
      if (asked.length === 0) return unjudged("no blocking reload was answered");
      const early = inEach(context, ({ snapshots }) =>
        snapshots.map(({ asked: position, playlist }) =>
          position?.part !== undefined && !reaches(playlist, position) && !playlist.ended
            ? `asked for ${show(position)}, got ${show(edgeOf(playlist))}`
            : undefined,
        ),
      );
      // A refusal after a long wait is what the standard wants; its own rule looks at the time.
      const refused = inEach(context, ({ refusals }) =>
        refusals.map(({ asked: position, answer }) =>
          position !== undefined && answer.status !== 503
            ? `asked for ${show(position)}, got ${outcomeOf(answer)}`
            : undefined,
        ),
      );
      const held = asked.map(({ answer }) => heldMs(answer));
      return verdict([...early, ...refused], `${asked.length} reloads, held up to ${ms(largest(held))}`);
    },
  },
  {
    id: "block-for-segment",
    section: "6.2.5.2",
    level: "MUST",
    title: "_HLS_msn alone: answered when the segment, or its first part, is there",
    needs: [isLive, offersBlocking],
    run: async (context) => {
      const readings = new Set<string>();
      const problems = await askEach(context, async (watch) => {
        const now = (await watch.askPlaylist({})).playlist ?? watch.latest;
        // The next but one, because the segment in progress may have its first part already.
        const number = now.open.number + (now.partTarget === undefined ? 0 : 1);
        const { answer, playlist } = await watch.askPlaylist({ _HLS_msn: number });
        if (playlist?.ended === true || answer.status === 503) return [];
        if (playlist === undefined) return [`_HLS_msn=${number}: ${outcomeOf(answer)}`];
        if (reaches(playlist, { number, part: undefined })) readings.add("waits for the whole segment");
        else if (reaches(playlist, { number, part: 0 })) readings.add("waits for its first part, as Safari wants it");
        else return [`_HLS_msn=${number} was answered after ${ms(heldMs(answer))} with ${show(edgeOf(playlist))}`];
        return [];
      });
      return verdict(problems, [...readings].join("; ") || "no answer to judge by");
    },
  },
  {
    id: "part-past-the-last",
    section: "6.2.5.2",
    level: "MUST",
    title: "a part past the last means the first of the next segment",
    needs: [isLive, hasParts, offersBlocking],
    run: async (context) =>
      verdict(await askEach(context, async (watch) => pastTheLast(watch)), "answered with part 0 of the next"),
  },
  {
    id: "old-segment-asked",
    section: "6.2.5.2",
    level: "MUST",
    title: "an _HLS_msn already there or gone: the whole playlist, at once",
    needs: [isLive, offersBlocking],
    run: async (context) => {
      const asked: number[] = [];
      const problems = await askEach(context, async (watch) => {
        const { firstNumber } = watch.latest;
        const numbers = firstNumber > 0 ? [firstNumber - 1, firstNumber + 1] : [firstNumber];
        asked.push(...numbers);
        return Promise.all(numbers.map((number) => askOld(watch, number, context.slackMs)));
      });
      return verdict(problems, `asked for ${asked.join(", ")}`);
    },
  },
  {
    id: "part-without-segment",
    section: "6.2.5.2",
    level: "MUST",
    title: "_HLS_part without _HLS_msn: 400",
    needs: [isLive, offersBlocking],
    run: (context) => refuses(context, () => ({ _HLS_part: 0 })),
  },
  {
    id: "segment-too-far",
    section: "6.2.5.2",
    level: "SHOULD",
    title: "an _HLS_msn too far ahead: 400, at once",
    needs: [isLive, offersBlocking],
    run: (context) => refuses(context, ({ open }) => ({ _HLS_msn: open.number + TOO_FAR_SEGMENTS })),
  },
  {
    id: "part-too-far",
    section: "6.2.5.2",
    level: "SHOULD",
    title: "an _HLS_part past the Advance Part Limit: 400, at once",
    needs: [isLive, hasParts, offersBlocking],
    run: (context) =>
      refuses(
        context,
        // Of the next segment: of the one in progress it might be past the last, which means something else.
        ({ open, partTarget }) => ({
          _HLS_msn: open.number + 1,
          _HLS_part: 5 * advanceLimit(partTarget) + TOO_FAR_PARTS,
        }),
      ),
  },
  {
    id: "not-held-too-long",
    section: "6.2.5.2",
    level: "SHOULD",
    title: "held for 3 target durations at most, then 503",
    needs: [isLive, offersBlocking],
    run: (context) => {
      const asked = context.renditions.flatMap((watch) =>
        heldBy(watch).map((one) => ({ ...one, most: 3000 * (watch.latest.targetSeconds ?? 0) })),
      );
      if (asked.length === 0) return unjudged("no blocking reload was answered");
      const problems = asked.flatMap(({ answer, most }) => {
        const held = heldMs(answer);
        if (answer.status === 503)
          return held < most - context.slackMs ? [`503 after ${ms(held)}, ${ms(most)} are to be waited`] : [];
        return held > most + context.slackMs
          ? [`${outcomeOf(answer)} after ${ms(held)}, ${ms(most)} are the most`]
          : [];
      });
      const refused = asked.filter(({ answer }) => answer.status === 503).length;
      return verdict(
        problems,
        `${asked.length} reloads, held up to ${ms(largest(asked.map(({ answer }) => heldMs(answer))))}, ${refused} answered 503`,
      );
    },
  },
  {
    id: "directives-after-the-end",
    section: "6.2.5",
    level: "MUST",
    title: "ENDLIST: directives are ignored, nothing is hinted",
    run: async (context) => {
      if (!hasEnded(context)) return unjudged("the playlists have not ended");
      const problems = await askEach(context, async (watch) => {
        const { answer, playlist } = await watch.askPlaylist({ _HLS_msn: 999_999_999, _HLS_part: 7, _HLS_skip: "YES" });
        if (playlist === undefined) return [outcomeOf(answer)];
        if (playlist.skip !== undefined) return ["a delta update after the end"];
        return [
          isLate(answer, context.slackMs),
          playlist.hints.length > 0 ? "a PRELOAD-HINT after the end" : undefined,
        ];
      });
      return problems.length > 0 ? verdict(problems, "") : pass("the whole playlist, at once");
    },
  },
];

/** The standard allows two. */
const TOO_FAR_SEGMENTS = 10;
const TOO_FAR_PARTS = 100;
/** How often is asked again when the answer came too late to tell. */
const ATTEMPTS = 4;
/** What "at once" means, on top of the slack. */
const AT_ONCE_MS = 1_000;

const show = ({ number, part }: Position) => (part === undefined ? String(number) : `${number}.${part}`);
const heldMs = ({ sentAt, headersAt }: Answer) => headersAt - sentAt;
const isLate = (answer: Answer, slackMs: number) =>
  heldMs(answer) > AT_ONCE_MS + slackMs ? `answered after ${ms(heldMs(answer))} only` : undefined;

/** §6.2.5.2: how many parts ahead may be asked for. */
const advanceLimit = (partTarget = 1) => (partTarget < 1 ? Math.ceil(3 / partTarget) : 3);

function heldBy({ snapshots, refusals }: RenditionWatch) {
  return [...snapshots, ...refusals].filter(({ asked }) => asked !== undefined).map(({ answer }) => ({ answer }));
}

type Asked = { readonly _HLS_msn?: number; readonly _HLS_part?: number };

async function refuses(context: HlsContext, query: (latest: MediaPlaylist) => Asked) {
  const problems = await askEach(context, async (watch) => {
    let problem: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const asked = query((await watch.askPlaylist({})).playlist ?? watch.latest);
      const { answer, playlist } = await watch.askPlaylist({ ...asked });
      if (answer.status === 400) return [isLate(answer, context.slackMs)];
      problem = `answers ${outcomeOf(answer)} after ${ms(answer.endAt - answer.sentAt)}`;
      // What was too far ahead when this was thought of may be past when it arrives, and then is answered.
      const isPast =
        playlist !== undefined &&
        reaches(playlist, { number: asked._HLS_msn ?? Number.POSITIVE_INFINITY, part: undefined });
      if (!isPast) break;
    }
    return [problem];
  });
  return verdict(problems, "400");
}

async function askOld(watch: RenditionWatch, number: number, slackMs: number): Promise<string | undefined> {
  const { answer, playlist } = await watch.askPlaylist({ _HLS_msn: number });
  if (!isGood(answer) || playlist === undefined) return `_HLS_msn=${number} answers ${outcomeOf(answer)}`;
  if (playlist.skip !== undefined || playlist.segments.length < watch.latest.segments.length / 2)
    return `_HLS_msn=${number} answers a part of the playlist`;
  return isLate(answer, slackMs);
}

/** Waits for the usual last part of the segment in progress, then asks for one that it will not have. */
async function pastTheLast(watch: RenditionWatch): Promise<(string | undefined)[]> {
  const usual = watch.latest.segments.at(-1)?.parts.length ?? 0;
  const now = (await watch.askPlaylist({})).playlist ?? watch.latest;
  const { number, part } = nextOf(now);
  const last = Math.max(part, usual - 1);
  const ready =
    last - part < advanceLimit(now.partTarget)
      ? (await watch.askPlaylist(directives({ number, part: last }))).playlist
      : now;
  const count = ready === undefined ? last + 1 : partsIn(ready, number);
  const past = Math.max(count, last + 1) + 1;
  const { answer, playlist } = await watch.askPlaylist({ _HLS_msn: number, _HLS_part: past });
  if (playlist === undefined) return [`_HLS_msn=${number}&_HLS_part=${past}: ${outcomeOf(answer)}`];
  // The segment may have become longer than its predecessors: then the part was there after all.
  const isThere = reaches(playlist, { number: number + 1, part: 0 }) || partsIn(playlist, number) > past;
  return isThere || playlist.ended
    ? []
    : [`_HLS_msn=${number}&_HLS_part=${past} was answered with ${show(edgeOf(playlist))}`];
}

function partsIn({ segments, open }: MediaPlaylist, number: number): number {
  return [...segments, open].find((segment) => segment.number === number)?.parts.length ?? 0;
}
