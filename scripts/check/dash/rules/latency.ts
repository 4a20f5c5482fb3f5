import { readInit, readMedia } from "../../cmaf-pieces.ts";
import { largest, ms, seconds } from "../../numbers.ts";
import { fail, pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { type DashContext, hasEarlySegments, isLive, representationsOf } from "../context.ts";
import type { Representation } from "../mpd.ts";
import { readCount, readDecimal } from "../times.ts";
import { isLowLatency } from "../watch.ts";
import { childrenNamed, type XmlElement } from "../xml.ts";

/** What the manifest says for low latency. */
export const latencyRules: readonly Rule<DashContext>[] = [
  {
    id: "availability-time-offset",
    section: "DASH-IF LL 9.X.4.5",
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
    section: "DASH-IF LL 9.X.4.5",
    level: "MUST",
    title: "availabilityTimeOffset is shorter than the longest segment",
    needs: [isLive, hasEarlySegments],
    run: (context) =>
      verdict(
        representationsOf(context).flatMap(({ id, template }) => {
          const longest = longestSegment(context, template);
          const offset = template?.availabilityTimeOffset ?? 0;
          return offset < longest ? [] : [`${id}: ${offset} s, segments have ${seconds(longest)}`];
        }),
        offsets(representationsOf(context)),
      ),
  },
  {
    id: "offset-near-segment",
    section: "DASH-IF LL 9.X.4.5",
    level: "MUST",
    title: "what it leaves of a segment is less than the target latency",
    needs: [isLive, hasEarlySegments],
    run: (context) => {
      const target = targetMs(context.watch.latest);
      if (target === undefined) return unjudged("no target latency");
      const rests = representationsOf(context).map(({ id, template }) => {
        const offset = template?.availabilityTimeOffset ?? 0;
        // What is announced for all representations may be more than the longest of this one.
        const longest = [longestSegment(context, template), longestSeen(context, id)].filter((length) => length > 0);
        return { id, ms: Math.min(...longest.map((length) => Math.abs(length - offset) * 1000)) };
      });
      return verdict(
        rests
          .filter((rest) => rest.ms >= target)
          .map((rest) => `${rest.id}: ${ms(rest.ms)}, the target is ${ms(target)}`),
        rests.map((rest) => `${rest.id} ${ms(rest.ms)}`).join(", "),
      );
    },
  },
  {
    id: "availability-time-complete",
    section: "DASH-IF LL 9.X.4.5",
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
    section: "K; DASH-IF LL 9.X.4.2",
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
    section: "K; DASH-IF LL 9.X.4.2",
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
];

const descriptions = ({ root, periods }: DashContext["watch"]["latest"]): XmlElement[] => [
  ...childrenNamed(root, "ServiceDescription"),
  ...(periods.length === 0
    ? []
    : childrenNamed(root, "Period").flatMap((period) => childrenNamed(period, "ServiceDescription"))),
];

const offsets = (all: readonly Representation[]) =>
  all.map(({ id, template }) => `${id} ${template?.availabilityTimeOffset ?? 0} s`).join(", ");

/** Seconds; what the manifest announces, or the longest that it tells of. */
function longestSegment({ watch }: DashContext, template: Representation["template"]): number {
  const { duration = 0, timeline = [], timescale = 1 } = template ?? {};
  const told = Math.max(duration, ...timeline.map((entry) => entry.duration)) / timescale;
  return Math.max(told, watch.latest.maxSegmentDuration ?? 0);
}

/** Seconds of the longest that was fetched; 0 where none could be read. */
function longestSeen({ fetched, inits }: DashContext, id: string): number {
  const init = readInit(inits.get(id)?.body ?? new Uint8Array(0));
  if (typeof init === "string") return 0;
  return largest(
    fetched.map(({ segment, answer }) => {
      const facts = segment.representation.id === id ? readMedia(answer.body, init) : "";
      return typeof facts === "string" ? 0 : facts.duration / init.timescale;
    }),
  );
}

function targetMs(latest: DashContext["watch"]["latest"]): number | undefined {
  const [latency] = descriptions(latest).flatMap((one) => childrenNamed(one, "Latency"));
  return readCount(latency?.attributes.get("target"));
}
