import { isGood } from "../../client.ts";
import { readInit, readMedia } from "../../cmaf-pieces.ts";
import { distinct, ms } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { type DashContext, hasEarlySegments, isLive, nameOf, representationsOf } from "../context.ts";
import type { Representation } from "../mpd.ts";
import { readCount, readDate } from "../times.ts";
import type { XmlElement } from "../xml.ts";

/** When media was captured, as manifest and segments say. */
export const referenceTimeRules: readonly Rule<DashContext>[] = [
  {
    id: "producer-reference-time",
    section: "5.12; DASH-IF LL 9.X.4.3",
    level: "MUST",
    title: "ProducerReferenceTime for every representation",
    needs: [isLive, hasEarlySegments],
    run: (context) =>
      verdict(
        representationsOf(context).flatMap(({ id, referenceTimes }) => {
          if (referenceTimes.length === 0) return [`${id} has none`];
          return referenceTimes.some(isReadable) ? [] : [`${id} has none that can be read`];
        }),
        distinct(
          representationsOf(context).flatMap(({ referenceTimes }) =>
            referenceTimes.map(({ attributes }) => attributes.get("type") ?? "encoder"),
          ),
        ).join(", "),
      ),
  },
  {
    id: "prft-present",
    section: "DASH-IF LL",
    level: "SHOULD",
    title: "segments carry prft boxes; where inband says so, they must",
    needs: [isLive, hasEarlySegments],
    run: (context) => {
      const judged = withBoxes(context);
      if (judged.length === 0) return unjudged("no segment that can be read");
      const without = judged.filter(({ boxes }) => boxes.length === 0);
      return verdict(
        without.map(({ name }) => `${name} has none`),
        `${judged.length} segments, ${judged.reduce((total, { boxes }) => total + boxes.length, 0)} boxes`,
      );
    },
  },
  {
    id: "prft-inband",
    section: "5.12",
    level: "MUST",
    title: "prft boxes are there where inband says so",
    needs: [isLive],
    run: (context) => {
      const promised = representationsOf(context)
        .filter(({ referenceTimes }) => referenceTimes.some(({ attributes }) => attributes.get("inband") === "true"))
        .map(({ id }) => id);
      if (promised.length === 0) return unjudged('no ProducerReferenceTime with inband="true"');
      const judged = withBoxes(context).filter(({ id }) => promised.includes(id));
      return verdict(
        judged.filter(({ boxes }) => boxes.length === 0).map(({ name }) => `${name} has none`),
        `${judged.length} segments of ${promised.join(", ")}`,
      );
    },
  },
  {
    id: "prft-near-the-clock",
    section: "5.12; 14496-12 8.16.5",
    level: "MUST",
    title: "prft tells a time shortly before the chunk came",
    needs: [isLive],
    run: (context) => {
      const ages = context.watch.progress.flatMap(({ segment, answer }) => {
        const [box] = referenceTimesIn(context, segment.representation.id, answer.body);
        return box === undefined
          ? []
          : [{ name: nameOf(segment), age: context.watch.wall(answer.pieces[0]?.at ?? answer.endAt) - box.wallMs }];
      });
      if (ages.length === 0) return unjudged("no prft box in a segment that was seen while it was made");
      const odd = ages.filter(({ age }) => age < -context.slackMs || age > OLDEST_MS);
      return verdict(
        odd.map(({ name, age }) => `${name}: ${ms(age)} ago`),
        `${ms(Math.min(...ages.map(({ age }) => age)))} to ${ms(Math.max(...ages.map(({ age }) => age)))} ago`,
      );
    },
  },
  {
    id: "reference-times-agree",
    section: "5.12",
    level: "MUST",
    title: "ProducerReferenceTime and prft go by the same clock",
    needs: [isLive],
    run: (context) => {
      const gaps = representationsOf(context).flatMap((one) => disagreement(context, one));
      if (gaps.length === 0) return unjudged("not both of them");
      return verdict(
        gaps.filter(({ gap }) => gap > AGREE_MS).map(({ id, gap }) => `${id}: ${ms(gap)} apart`),
        `at most ${ms(Math.max(...gaps.map(({ gap }) => gap)))} apart`,
      );
    },
  },
];

/** A chunk that is older than this when it comes is not live. */
const OLDEST_MS = 10_000;
/** Capture times wander by as much as a burst of a few frames. */
const AGREE_MS = 1_000;

const isReadable = ({ attributes }: XmlElement) =>
  readDate(attributes.get("wallClockTime")) !== undefined &&
  readCount(attributes.get("presentationTime")) !== undefined;

function withBoxes(context: DashContext) {
  const bodies = [...context.watch.progress, ...context.fetched.slice(-6)];
  return bodies.flatMap(({ segment, answer }) =>
    isGood(answer)
      ? [
          {
            name: nameOf(segment),
            id: segment.representation.id,
            boxes: referenceTimesIn(context, segment.representation.id, answer.body),
          },
        ]
      : [],
  );
}

function referenceTimesIn({ inits }: DashContext, id: string, bytes: Uint8Array) {
  const answer = inits.get(id);
  const init = answer === undefined ? "" : readInit(answer.body);
  const facts = typeof init === "string" ? "" : readMedia(bytes, init);
  return typeof facts === "string" ? [] : facts.referenceTimes;
}

/** ms between what the manifest and the newest box say of one moment of a representation. */
function disagreement(
  context: DashContext,
  { id, referenceTimes, template }: Representation,
): { id: string; gap: number }[] {
  const element = referenceTimes.find(isReadable);
  const own = context.watch.progress.findLast(({ segment }) => segment.representation.id === id);
  const [box] = own === undefined ? [] : referenceTimesIn(context, id, own.answer.body);
  if (element === undefined || box === undefined || template === undefined) return [];
  const wall = readDate(element.attributes.get("wallClockTime")) ?? 0;
  const time = readCount(element.attributes.get("presentationTime")) ?? 0;
  const expected = wall + ((box.mediaTime - time) / template.timescale) * 1000;
  return [{ id, gap: Math.abs(expected - box.wallMs) }];
}
