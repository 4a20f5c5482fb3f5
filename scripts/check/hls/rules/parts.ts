import { setTimeout as sleep } from "node:timers/promises";
import { isGood, outcomeOf } from "../../client.ts";
import { readMedia } from "../../cmaf-pieces.ts";
import { largest, ms, seconds } from "../../numbers.ts";
import { fail, pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { answerOf, type PartRecord } from "../collector.ts";
import { askEach, type HlsContext, hasParts, inEach, isLive } from "../context.ts";
import type { OpenSegment } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** What parts have to be like. */
export const partRules: readonly Rule<HlsContext>[] = [
  {
    id: "part-inf",
    section: "4.4.3.7",
    level: "MUST",
    title: "PART-INF says how long parts are",
    needs: [isLive],
    run: (context) => {
      const without = inEach(context, ({ latest }) =>
        latest.partTarget === undefined || latest.partTarget <= 0 ? ["no PART-INF"] : [],
      );
      if (without.length > 0) return fail(`${without.join(", ")}: not low latency`);
      return pass(context.renditions.map(({ name, latest }) => `${name} ${latest.partTarget} s`).join(", "));
    },
  },
  {
    id: "parts-listed",
    section: "B.1",
    level: "MUST",
    title: "every rendition lists parts",
    needs: [isLive],
    run: (context) =>
      verdict(
        inEach(context, ({ media }) => (media.parts.size === 0 ? ["no parts: not low latency"] : [])),
        context.renditions.map(({ name, media }) => `${name} ${media.parts.size}`).join(", "),
      ),
  },
  {
    id: "parts-not-too-long",
    section: "4.4.4.9",
    level: "MUST",
    title: "no part is longer than the part target",
    needs: [hasParts],
    run: (context) =>
      verdict(
        inEach(context, ({ media, latest }) =>
          recordsOf(media.parts)
            .filter(({ part }) => part.seconds > (latest.partTarget ?? 0) + ROUNDING_SECONDS)
            .map(
              (record) => `${nameOf(record)} has ${seconds(record.part.seconds)}, the target is ${latest.partTarget} s`,
            ),
        ),
        `up to ${seconds(largest(allParts(context).map(({ part }) => part.seconds)))}`,
      ),
  },
  {
    id: "parts-not-too-short",
    section: "4.4.4.9",
    level: "MUST",
    title: "85 % of the target: all but last, independent, gap",
    needs: [hasParts],
    run: (context) =>
      verdict(
        inEach(context, (watch) => shortParts(watch)),
        `${allParts(context).length} parts`,
      ),
  },
  {
    id: "parts-available",
    section: "6.2.1",
    level: "MUST",
    title: "a part is there, whole, when it is listed",
    needs: [isLive, hasParts],
    run: (context) => {
      const fetched = context.renditions.flatMap(({ media }) =>
        recordsOf(media.parts).filter(({ answer }) => answer !== undefined),
      );
      if (fetched.length === 0) return unjudged("no part was fetched after it was listed");
      const slowest = largest(fetched.map(({ answer }) => (answer?.endAt ?? 0) - (answer?.sentAt ?? 0)));
      return verdict(
        inEach(context, ({ media }) =>
          recordsOf(media.parts).map((record) =>
            record.answer === undefined || isGood(record.answer)
              ? undefined
              : `${nameOf(record)} answers ${outcomeOf(record.answer)}`,
          ),
        ),
        `${fetched.length} fetched when listed, the slowest in ${ms(slowest)}`,
      );
    },
  },
  {
    id: "parts-make-the-segment",
    section: "3, 4.4.4.9",
    level: "MUST",
    title: "the parts, joined, are the segment byte for byte",
    needs: [hasParts],
    run: (context) => {
      const judged = context.renditions.flatMap((watch) => comparisons(watch));
      if (judged.length === 0) return unjudged("no segment all of whose parts were seen");
      return verdict(
        judged
          .filter(({ equal }) => !equal)
          .map(
            ({ name, number, parts, whole }) =>
              `${name}: segment ${number} has ${whole} bytes, its parts have ${parts}, or others`,
          ),
        `${judged.length} segments compared`,
      );
    },
  },
  {
    id: "independent-is-true",
    section: "4.4.4.9",
    level: "MUST",
    title: "INDEPENDENT=YES only where there is a key frame",
    needs: [hasParts],
    run: (context) =>
      byKeys(context, ({ part }, hasKey) => part.independent && !hasKey, "is marked INDEPENDENT and has no key frame"),
  },
  {
    id: "independent-marked",
    section: "4.4.4.9",
    level: "SHOULD",
    title: "every part with a key frame is marked INDEPENDENT",
    needs: [hasParts],
    run: (context) =>
      byKeys(context, ({ part }, hasKey) => !part.independent && hasKey, "has a key frame and is not marked"),
  },
  {
    id: "parts-stay",
    section: "6.2.2",
    level: "MUST",
    title: "a part can be had for 3 target durations after it left",
    needs: [isLive, hasParts],
    run: async (context) => {
      const problems = await askEach(context, (watch) => askForGoneParts(watch, context));
      const gone = allParts(context).filter(({ goneAt }) => goneAt !== undefined);
      return gone.length === 0
        ? unjudged("no part left during the observation")
        : verdict(problems, "they were still there");
    },
  },
];

/** Decimal places that a playlist may have left out. */
const ROUNDING_SECONDS = 0.001;

const recordsOf = (parts: ReadonlyMap<string, PartRecord>) => [...parts.values()];
const allParts = ({ renditions }: HlsContext) => renditions.flatMap(({ media }) => recordsOf(media.parts));
const nameOf = ({ number, index }: PartRecord) => `part ${number}.${index}`;

function shortParts({ playlists, latest }: RenditionWatch): string[] {
  const least = 0.85 * (latest.partTarget ?? 0);
  const found = new Map<string, string>();
  for (const { segments, open } of playlists) {
    for (const segment of segments) for (const short of shortIn(segment, least)) found.set(short, short);
    // The last part of what is not complete may turn out to be the last of its segment.
    for (const short of shortIn(open, least)) found.set(short, short);
  }
  return [...found.keys()];
}

function shortIn({ number, parts }: OpenSegment, least: number): string[] {
  return parts.flatMap((part, index) => {
    const isLast = index === parts.length - 1;
    const isExempt = isLast || part.independent || part.gap || parts[index + 1]?.gap === true;
    return isExempt || part.seconds >= least - ROUNDING_SECONDS
      ? []
      : [`part ${number}.${index} has ${seconds(part.seconds)}, ${seconds(least)} is the least`];
  });
}

/** Each complete segment all of whose parts were fetched. */
function comparisons({ name, media }: RenditionWatch) {
  const parts = recordsOf(media.parts);
  return [...media.segments.values()].flatMap(({ segment, answer }) => {
    const own = parts.filter(({ number }) => number === segment.number).toSorted((a, b) => a.index - b.index);
    const answers = own.map((part) => answerOf(part));
    const bodies = answers.flatMap((one) => (one !== undefined && isGood(one) ? [one.body] : []));
    const isWhole = segment.parts.length > 0 && own.length === segment.parts.length && bodies.length === own.length;
    if (answer === undefined || !isGood(answer) || !isWhole) return [];
    const joined = Buffer.concat(bodies);
    const equal = Buffer.compare(joined, answer.body) === 0;
    return [{ name, number: segment.number, equal, parts: joined.byteLength, whole: answer.body.byteLength }];
  });
}

function byKeys(context: HlsContext, isWrong: (record: PartRecord, hasKey: boolean) => boolean, words: string) {
  const judged = context.renditions.flatMap((watch) => partsWithMedia(watch));
  if (judged.length === 0) return unjudged("no part that can be read as fragmented MP4 of one track");
  const wrong = judged.filter(({ record, hasKey }) => isWrong(record, hasKey));
  const marked = judged.filter(({ record }) => record.part.independent).length;
  return verdict(
    wrong.map(({ name, record }) => `${name}: ${nameOf(record)} ${words}`),
    `${judged.length} parts read, ${marked} of them marked`,
  );
}

function partsWithMedia({ name, media }: RenditionWatch) {
  return recordsOf(media.parts).flatMap((record) => {
    const answer = answerOf(record);
    const init = media.init(record.map);
    if (answer === undefined || !isGood(answer) || typeof init === "string") return [];
    const facts = readMedia(answer.body, init);
    return typeof facts === "string" ? [] : [{ name, record, hasKey: facts.hasKey }];
  });
}

/** Asks for a few parts shortly before the time is up for which they have to stay. */
async function askForGoneParts({ media, latest }: RenditionWatch, { client }: HlsContext): Promise<string[]> {
  const stayMs = 3000 * (latest.targetSeconds ?? 0);
  const gone = recordsOf(media.parts).flatMap((record) =>
    record.goneAt === undefined || record.part.gap ? [] : [{ record, dueAt: record.goneAt + stayMs * WITHIN }],
  );
  const pending = gone.filter(({ dueAt }) => dueAt > performance.now()).slice(0, ASKED);
  const lost = await Promise.all(
    pending.map(async ({ record, dueAt }) => {
      await sleep(dueAt - performance.now());
      const answer = await client.get(record.part.url, { range: record.part.range });
      return isGood(answer)
        ? []
        : [`${nameOf(record)} answers ${outcomeOf(answer)} ${seconds((stayMs * WITHIN) / 1000)} after it left`];
    }),
  );
  return lost.flat();
}

/** How many of them are asked for, and when: a little before the end, so that a slow clock here does no harm. */
const ASKED = 4;
const WITHIN = 0.9;
