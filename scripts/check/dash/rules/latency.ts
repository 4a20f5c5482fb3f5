import { isGood } from "../../client.ts";
import { readInit, readMedia } from "../../cmaf-pieces.ts";
import { distinct, ms, seconds } from "../../numbers.ts";
import { fail, pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { type DashContext, hasEarlySegments, isLive, nameOf, representationsOf } from "../context.ts";
import type { Representation } from "../mpd.ts";
import { readCount, readDate, readDecimal } from "../times.ts";
import { isLowLatency } from "../watch.ts";
import { childrenNamed, type XmlElement } from "../xml.ts";

/** What the manifest says for low latency. */
export const latencyRules: readonly Rule<DashContext>[] = [
  {
    id: "availability-time-offset",
    section: "5.3.9.5.3; DASH-IF LL",
    level: "MUST",
    title: "segments are announced early, by an availabilityTimeOffset",
    needs: [isLive],
    run: (context) =>
      verdict(
        representationsOf(context).flatMap((one) => (isLowLatency(one) ? [] : [`${one.id} has none: not low latency`])),
        offsets(representationsOf(context)),
      ),
  },
  {
    id: "offset-within-segment",
    section: "5.3.9.5.3; DASH-IF LL",
    level: "MUST",
    title: "availabilityTimeOffset is shorter than a segment",
    needs: [isLive, hasEarlySegments],
    run: (context) =>
      verdict(
        representationsOf(context).flatMap(({ id, template }) => {
          const length = template === undefined ? undefined : segmentSeconds(template);
          const offset = template?.availabilityTimeOffset ?? 0;
          return length === undefined || offset < length
            ? []
            : [`${id}: ${offset} s, segments have ${seconds(length)}`];
        }),
        offsets(representationsOf(context)),
      ),
  },
  {
    id: "availability-time-complete",
    section: "5.3.9.5.3; DASH-IF LL",
    level: "MUST",
    title: 'availabilityTimeComplete="false" beside the offset',
    needs: [isLive, hasEarlySegments],
    run: (context) =>
      verdict(
        representationsOf(context)
          .filter(isLowLatency)
          .filter(({ template }) => template?.availabilityTimeComplete !== false)
          .map(({ id }) => `${id} does not say it`),
        "false everywhere",
      ),
  },
  {
    id: "service-description",
    section: "K; DASH-IF LL",
    level: "MUST",
    title: "ServiceDescription with a target latency",
    needs: [isLive],
    run: ({ watch: { latest } }) => {
      const latencies = descriptions(latest).flatMap((one) => childrenNamed(one, "Latency"));
      const [latency] = latencies;
      if (latency === undefined) return fail("no ServiceDescription with Latency: not low latency");
      const [target, least, most] = ["target", "min", "max"].map((name) => readCount(latency.attributes.get(name)));
      if (target === undefined) return fail("Latency without @target");
      const isOdd = target <= 0 || (least ?? 0) > target || (most ?? Number.POSITIVE_INFINITY) < target;
      const seen = `target ${target} ms, ${least ?? "–"} to ${most ?? "–"}`;
      return isOdd ? fail(seen) : pass(seen);
    },
  },
  {
    id: "playback-rates",
    section: "K; DASH-IF LL",
    level: "MUST",
    title: "ServiceDescription with playback rates to catch up by",
    needs: [isLive, hasEarlySegments],
    run: ({ watch: { latest } }) => {
      const [rate] = descriptions(latest).flatMap((one) => childrenNamed(one, "PlaybackRate"));
      if (rate === undefined) return fail("no PlaybackRate");
      const [least, most] = ["min", "max"].map((name) => readDecimal(rate.attributes.get(name)));
      const isOdd = least === undefined || most === undefined || least <= 0 || least > 1 || most < 1;
      const seen = `${least ?? "–"} to ${most ?? "–"}`;
      return isOdd ? fail(seen) : pass(seen);
    },
  },
  {
    id: "producer-reference-time",
    section: "5.12; DASH-IF LL",
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
    id: "latency-refers",
    section: "K.3.2",
    level: "MUST",
    title: "Latency@referenceId leads to a ProducerReferenceTime",
    needs: [isLive],
    run: (context) => {
      const references = descriptions(context.watch.latest)
        .flatMap((one) => childrenNamed(one, "Latency"))
        .flatMap(({ attributes }) => attributes.get("referenceId") ?? []);
      if (references.length === 0) return unjudged("no Latency@referenceId");
      const ids = representationsOf(context).flatMap(({ referenceTimes }) =>
        referenceTimes.map(({ attributes }) => attributes.get("id")),
      );
      return verdict(
        references
          .filter((reference) => !ids.includes(reference))
          .map((reference) => `no ProducerReferenceTime has the id ${reference}`),
        references.join(),
      );
    },
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

const descriptions = ({ root, periods }: DashContext["watch"]["latest"]): XmlElement[] => [
  ...childrenNamed(root, "ServiceDescription"),
  ...(periods.length === 0
    ? []
    : childrenNamed(root, "Period").flatMap((period) => childrenNamed(period, "ServiceDescription"))),
];

const offsets = (all: readonly Representation[]) =>
  all.map(({ id, template }) => `${id} ${template?.availabilityTimeOffset ?? 0} s`).join(", ");

function segmentSeconds({
  duration,
  timeline,
  timescale,
}: NonNullable<Representation["template"]>): number | undefined {
  // The newest may be in progress, and what is known of it a guess.
  const ticks = duration ?? timeline?.at(-2)?.duration ?? timeline?.at(-1)?.duration;
  return ticks === undefined ? undefined : ticks / timescale;
}

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
