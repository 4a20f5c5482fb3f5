import { distinct, ms, seconds } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import { type DashContext, isLive } from "../context.ts";
import type { Mpd, Period, Representation } from "../mpd.ts";
import { initAddress, maker } from "../segments.ts";
import type { ManifestRecord } from "../watch.ts";

/** What may change from one manifest to the next. */
export const updateRules: readonly Rule<DashContext>[] = [
  {
    id: "availability-start-constant",
    section: "5.4",
    level: "MUST",
    title: "availabilityStartTime never changes",
    needs: [isLive],
    run: ({ watch: { manifests } }) => {
      const starts = distinct(manifests.map(({ mpd }) => mpd.root.attributes.get("availabilityStartTime") ?? "none"));
      return verdict(starts.length > 1 ? [starts.join(", then ")] : [], starts.join());
    },
  },
  {
    id: "ids-and-addresses-stay",
    section: "5.4",
    level: "MUST",
    title: "periods, sets, representations and their addresses stay",
    needs: [isLive],
    run: ({ watch: { manifests } }) =>
      verdict(
        distinct(pairs(manifests).flatMap(({ before, after }) => identityProblems(before.mpd, after.mpd))),
        `${manifests.length} manifests`,
      ),
  },
  {
    id: "timeline-stays",
    section: "5.4",
    level: "MUST",
    title: "what a timeline has said of a segment stays true",
    needs: [isLive],
    run: ({ watch: { manifests } }) => {
      if (!manifests.some(({ mpd }) => representations(mpd).some(({ one }) => one.template?.timeline !== undefined)))
        return unjudged("no SegmentTimeline");
      return verdict(
        distinct(pairs(manifests).flatMap(({ before, after }) => timelineProblems(before.mpd, after.mpd))),
        `${manifests.length} manifests`,
      );
    },
  },
  {
    id: "publish-time-rises",
    section: "5.3.1.2, 5.4",
    level: "MUST",
    title: "publishTime rises with every change, and never falls",
    needs: [isLive],
    run: ({ watch: { manifests } }) => {
      const steps = pairs(manifests);
      const changes = steps.filter(({ before, after }) => bare(before.mpd) !== bare(after.mpd));
      if (changes.length === 0) return unjudged("the manifest did not change");
      const falls = steps.filter(({ before, after }) => (after.mpd.published ?? 0) < (before.mpd.published ?? 0));
      const stuck = changes.filter(({ before, after }) => (after.mpd.published ?? 0) <= (before.mpd.published ?? 0));
      return verdict(
        [
          ...falls.map(({ after }) => `it fell to ${text(after)}`),
          ...stuck.map(({ after }) => `it changed and stayed at ${text(after)}`),
        ],
        `${changes.length} changes`,
      );
    },
  },
  {
    id: "edge-in-time",
    section: "5.4",
    level: "MUST",
    title: "a timeline lists a segment no later than one update after it begins",
    needs: [isLive],
    run: ({ watch, slackMs }) => {
      const late = watch.manifests.flatMap(({ mpd, answer }) => {
        const most = 1000 * (mpd.minimumUpdatePeriod ?? 0) + slackMs;
        return overdue(mpd, watch.wall(answer.headersAt)).map((one) => ({ ...one, most }));
      });
      if (late.length === 0) return unjudged("segments are reckoned, not listed");
      const worst = late.toSorted((a, b) => b.byMs - a.byMs);
      return verdict(
        distinct(
          worst
            .filter(({ byMs, most }) => byMs > most)
            .map(({ id, byMs }) => `the next of ${id} is ${ms(byMs)} overdue`),
        ).slice(0, 2),
        `at most ${ms(worst[0]?.byMs ?? 0)} after it begins; ${seconds(watch.latest.minimumUpdatePeriod ?? 0)} are allowed`,
      );
    },
  },
];

function pairs(manifests: readonly ManifestRecord[]): { before: ManifestRecord; after: ManifestRecord }[] {
  return manifests.slice(1).flatMap((after, index) => {
    const before = manifests[index];
    return before === undefined ? [] : [{ before, after }];
  });
}

function representations({ periods }: Mpd): { period: Period; one: Representation; key: string }[] {
  return periods.flatMap((period) =>
    period.representations.map((one) => ({ period, one, key: `${period.id ?? period.start} ${one.id}` })),
  );
}

/** Everything of a representation that has to stay, for those that both manifests have. */
function identityProblems(before: Mpd, after: Mpd): string[] {
  const now = new Map(representations(after).map(({ period, one, key }) => [key, signature(period, one)]));
  const gone = before.periods
    .filter(({ id }) => id !== undefined && after.periods.some((period) => period.id === id))
    .flatMap((period) =>
      period.representations.filter(({ id }) => !now.has(`${period.id} ${id}`)).map(({ id }) => `${id} is gone`),
    );
  const changed = representations(before).filter(
    ({ period, one, key }) => now.has(key) && now.get(key) !== signature(period, one),
  );
  const last = before.periods.at(-1);
  const renamed =
    last !== undefined && !after.periods.some(({ id }) => id === last.id) ? [`period ${last.id} is gone`] : [];
  return [...renamed, ...gone, ...changed.map(({ key }) => `${key} has other addresses, codecs or times`)];
}

function signature({ start }: Period, one: Representation): string {
  const { template } = one;
  return [
    start,
    one.setId,
    one.codecs,
    initAddress(one),
    one.base,
    template?.media,
    template?.timescale,
    template?.presentationTimeOffset,
  ].join(" ");
}

function timelineProblems(before: Mpd, after: Mpd): string[] {
  const now = new Map(representations(after).map(({ one, key }) => [key, one.template?.timeline ?? []]));
  return representations(before).flatMap(({ one, key }) => {
    const later = new Map(now.get(key)?.map((entry) => [entry.number, entry]));
    const changed = (one.template?.timeline ?? []).find((entry) => {
      const is = later.get(entry.number);
      return is !== undefined && (is.time !== entry.time || is.duration !== entry.duration);
    });
    if (changed === undefined) return [];
    const is = later.get(changed.number);
    return [
      `${key}: segment ${changed.number} was ${changed.time}+${changed.duration} and is ${is?.time}+${is?.duration}`,
    ];
  });
}

/** The text of a manifest but for its own time. */
const bare = ({ text: whole }: Mpd) => whole.replace(/publishTime="[^"]*"/, "");
const text = ({ mpd }: ManifestRecord) => mpd.root.attributes.get("publishTime") ?? "none";

/** How long ago the segment after the newest that a timeline lists has begun to be available. */
function overdue(mpd: Mpd, now: number): { id: string; byMs: number }[] {
  const period = mpd.periods.at(-1);
  return (period?.representations ?? []).flatMap((one) => {
    const last = one.template?.timeline?.at(-1);
    if (period === undefined || one.template === undefined || last === undefined || one.template.timelineGoesOn)
      return [];
    const next = maker(mpd, period, one, one.template)(last.number + 1, last.time + last.duration, last.duration, true);
    return [{ id: one.id, byMs: now - next.availableFrom }];
  });
}
