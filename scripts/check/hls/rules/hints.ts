import { randomUUID } from "node:crypto";
import { isGood, outcomeOf } from "../../client.ts";
import { distinct, median, ms } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { askEach, type HlsContext, hasParts, inEach, isLive } from "../context.ts";
import { keyOf, type MediaPlaylist, partsOf } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** Hints of what comes next. */
export const hintRules: readonly Rule<HlsContext>[] = [
  {
    id: "hint-present",
    section: "B.1",
    level: "MUST",
    title: "a playlist with parts hints the next one",
    needs: [isLive, hasParts],
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) => {
          const without = playlists.filter(
            (playlist) => !playlist.ended && partsOf(playlist).length > 0 && hintsOf(playlist).length === 0,
          );
          return without.length > 0
            ? [`${without.length} of ${playlists.length} playlists without a PRELOAD-HINT`]
            : [];
        }),
        context.renditions.map(({ name, latest }) => `${name} ${hintsOf(latest).length}`).join(", "),
      ),
  },
  {
    id: "one-hint-per-type",
    section: "6.2.6",
    level: "SHOULD",
    title: "at most one hint of each TYPE",
    needs: [isLive, hasParts],
    run: (context) =>
      verdict(
        inEach(context, ({ playlists }) =>
          playlists.some(({ hints }) => distinct(hints.map(({ type }) => type)).length < hints.length)
            ? ["two hints of one TYPE"]
            : [],
        ),
        "one",
      ),
  },
  {
    id: "hint-comes-true",
    section: "4.4.5.3",
    level: "MUST",
    title: "what is hinted is the next part to be listed",
    needs: [isLive, hasParts],
    run: (context) => {
      const judged = context.renditions.map((watch) => ({ watch, ...promises(watch) }));
      if (judged.every(({ kept, broken }) => kept + broken === 0)) return unjudged("no hint was followed by a part");
      return verdict(
        // The segmentation may change now and then (§6.2.6).
        judged
          .filter(({ kept, broken }) => broken > (kept + broken) * MAY_CHANGE)
          .map(
            ({ watch, kept, broken }) =>
              `${watch.name}: ${broken} of ${kept + broken} hints were followed by another part`,
          ),
        `${judged.reduce((total, { kept }) => total + kept, 0)} came true`,
      );
    },
  },
  {
    id: "hint-answers",
    section: "6.2.6",
    level: "MUST",
    title: "a hinted part can be asked for, and comes",
    needs: [isLive, hasParts],
    run: (context) => {
      const judged = context.renditions.flatMap(hintedParts);
      if (judged.length === 0) return unjudged("no hinted part was asked for ahead of time");
      return verdict(
        judged
          .filter(({ answer }) => !isGood(answer) || answer.body.byteLength === 0)
          .map(
            ({ name, part, answer }) =>
              `${name}: part ${part} answers ${outcomeOf(answer)}, ${answer.body.byteLength} bytes`,
          ),
        `${judged.length} asked for ahead of time, held ${ms(median(judged.map(({ answer }) => answer.headersAt - answer.sentAt)))}`,
      );
    },
  },
  {
    id: "hint-at-line-speed",
    section: "6.2.6",
    level: "MUST",
    title: "no byte of a hinted part before all of it can be sent",
    needs: [isLive, hasParts],
    run: (context) => {
      const judged = context.renditions
        .flatMap(hintedParts)
        .filter(({ answer }) => isGood(answer) && answer.pieces.length > 0);
      if (judged.length === 0) return unjudged("no hinted part came");
      const spread = median(judged.map(({ answer }) => answer.endAt - (answer.pieces[0]?.at ?? answer.headersAt)));
      const shortest = Math.min(...judged.map(({ seconds }) => seconds * 1000));
      const seen = `${ms(spread)} from first to last byte (median of ${judged.length})`;
      return verdict(spread > shortest * TRICKLE ? [`${seen}, parts have ${ms(shortest)}`] : [], seen);
    },
  },
  {
    id: "unknown-part",
    section: "6.2.6",
    level: "SHOULD",
    title: "a part that is not hinted: 404, at once",
    needs: [isLive, hasParts],
    run: async (context) => {
      const problems = await askEach(context, async ({ media }) => {
        const [any] = [...media.parts.values()].slice(-1);
        if (any === undefined) return [];
        const answer = await context.client.get(inventedBeside(any.part.url), { limitMs: WAIT_MS });
        return answer.status === 404 || answer.status === 410 ? [] : [`answers ${outcomeOf(answer)}`];
      });
      return verdict(problems, "404");
    },
  },
];

/** Share of the hints that may come to nothing. */
const MAY_CHANGE = 0.2;
/** A part that takes longer than this share of its own length to arrive is sent as it is made. */
const TRICKLE = 0.5;
const WAIT_MS = 4_000;

const hintsOf = ({ hints }: MediaPlaylist) => hints.filter(({ type }) => type === "PART");

/** How many hints were followed by what they hinted, and how many by something else. */
function promises({ playlists }: RenditionWatch): { kept: number; broken: number } {
  let [kept, broken] = [0, 0];
  for (const [index, playlist] of playlists.entries()) {
    const [hint] = hintsOf(playlist);
    const known = new Set(partsOf(playlist).map(({ part }) => keyOf(part)));
    const next = playlists
      .slice(index + 1)
      .flatMap(partsOf)
      .find(({ part }) => !known.has(keyOf(part)));
    if (hint === undefined || next === undefined) continue;
    // A hint without a length says only where the part begins.
    const isKept = hint.url === next.part.url && (hint.range?.start ?? 0) === (next.part.range?.start ?? 0);
    if (isKept) kept += 1;
    else broken += 1;
  }
  return { kept, broken };
}

/** Hinted parts that were asked for ahead of time and turned up in the playlist. */
function hintedParts({ name, media }: RenditionWatch) {
  return [...media.parts.values()].flatMap(({ number, index, part, hint }) =>
    hint?.answer === undefined
      ? []
      : [{ name, part: `${number}.${index}`, seconds: part.seconds, answer: hint.answer }],
  );
}

/** A part far ahead of its neighbour, if its name has a number in it; else a name that nobody ever had. */
function inventedBeside(url: string): string {
  const name = new URL(url).pathname.split("/").at(-1) ?? "";
  const [, stem = "", extension = ""] = /^(.*?)(\.[a-z][a-z0-9]*)?$/i.exec(name) ?? [];
  const numbered = stem.replace(/\d+(?=\D*$)/, (digits) => String(Number(digits) + FAR_AHEAD));
  return new URL(numbered === stem ? `never-was-${randomUUID()}${extension}` : numbered + extension, url).href;
}

const FAR_AHEAD = 5_000;
