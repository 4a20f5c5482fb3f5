import { isGood } from "../../client.ts";
import { type MediaFacts, readMedia } from "../../cmaf-pieces.ts";
import { distinct, largest, seconds } from "../../numbers.ts";
import { type Rule, unjudged, verdict } from "../../rule.ts";
import type { SegmentRecord } from "../collector.ts";
import { type HlsContext, inEach } from "../context.ts";
import { keyOf, sum } from "../playlist.ts";
import type { RenditionWatch } from "../watch.ts";

/** What the media in segments has to be like. */
export const mediaRules: readonly Rule<HlsContext>[] = [
  {
    id: "segments-independent",
    section: "B.1",
    level: "MUST",
    title: "each segment has an independent frame",
    run: (context) => byMedia(context, ({ hasKey }) => (hasKey ? undefined : "has no key frame")),
  },
  {
    id: "segments-begin-with-key",
    section: "6.2.1",
    level: "SHOULD",
    title: "each segment begins with an independent frame",
    run: (context) =>
      byMedia(context, ({ startsWithKey }) => (startsWithKey ? undefined : "begins without a key frame")),
  },
  {
    id: "durations-true",
    section: "4.4.4.1",
    level: "SHOULD",
    title: "EXTINF and the sum of the parts are what the media has",
    run: (context) => {
      const parts = inEach(context, ({ latest: { segments } }) =>
        segments
          .filter(
            ({ parts: own, seconds: whole }) =>
              own.length > 0 && Math.abs(sum(own.map((part) => part.seconds)) - whole) > TOLERANCE_SECONDS,
          )
          .map(
            ({ number, parts: own, seconds: whole }) =>
              `segment ${number} has ${seconds(whole)}, its parts ${seconds(sum(own.map((part) => part.seconds)))}`,
          ),
      );
      if (parts.length > 0) return verdict(parts, "");
      return byMedia(context, ({ duration }, { segment }, timescale) =>
        Math.abs(duration / timescale - segment.seconds) > TOLERANCE_SECONDS
          ? `is listed with ${seconds(segment.seconds)} and has ${seconds(duration / timescale)}`
          : undefined,
      );
    },
  },
  {
    id: "timestamps-continue",
    section: "4.4.4.3",
    level: "MUST",
    title: "times go on where the last segment ended, or DISCONTINUITY",
    run: (context) => {
      const joints = context.renditions.flatMap((watch) => jointsOf(watch));
      if (joints.length === 0) return unjudged("no two successive segments whose times can be read");
      const broken = joints.filter(({ gap }) => Math.abs(gap) > TOLERANCE_SECONDS);
      return verdict(
        broken.map(
          ({ name, number, gap }) => `${name}: segment ${number} begins ${seconds(gap)} after the end of the last`,
        ),
        `${joints.length} joints, at most ${seconds(largest(joints.map(({ gap }) => Math.abs(gap))))} off`,
      );
    },
  },
  {
    id: "map-change",
    section: "6.2.1",
    level: "MUST",
    title: "another init segment comes with a DISCONTINUITY",
    run: (context) => {
      const maps = context.renditions.flatMap(({ latest }) =>
        latest.segments.map(({ map }) => (map === undefined ? "" : keyOf(map))),
      );
      if (distinct(maps).length <= context.renditions.length) return unjudged("one init segment for each rendition");
      return verdict(inEach(context, mapChanges), "each with its DISCONTINUITY, or of the same bytes");
    },
  },
  {
    id: "codecs-complete",
    section: "6.2.4",
    level: "MUST",
    title: "CODECS names what the segments hold",
    run: (context) => {
      const named = context.renditions.filter(({ entry }) => entry.codecs.length > 0);
      const judged = named.flatMap((watch) => {
        const init = watch.media.init(watch.latest.segments.at(-1)?.map);
        return typeof init === "string" ? [] : [{ watch, codec: init.codecs.split(".")[0]?.toLowerCase() ?? "" }];
      });
      if (judged.length === 0) return unjudged("no CODECS, or no init segment of one track");
      return verdict(
        judged
          .filter(({ watch, codec }) => !watch.entry.codecs.some((one) => one.trim().toLowerCase().startsWith(codec)))
          .map(({ watch, codec }) => `${watch.name} is ${codec}, CODECS says ${distinct(watch.entry.codecs).join()}`),
        judged.map(({ watch, codec }) => `${watch.name} ${codec}`).join(", "),
      );
    },
  },
];

/** A frame of 25 per second, and what rounding in playlists adds. */
const TOLERANCE_SECONDS = 0.05;

/** Every segment that was fetched and can be read as a single-track CMAF segment. */
function readable(watch: RenditionWatch) {
  return [...watch.media.segments.values()].flatMap((record) => {
    const init = watch.media.init(record.segment.map);
    if (record.answer === undefined || !isGood(record.answer) || typeof init === "string") return [];
    const facts = readMedia(record.answer.body, init);
    return typeof facts === "string" ? [] : [{ record, facts, timescale: init.timescale }];
  });
}

function byMedia(
  context: HlsContext,
  problemOf: (facts: MediaFacts, record: SegmentRecord, timescale: number) => string | undefined,
) {
  const total = context.renditions.flatMap(readable).length;
  if (total === 0) return unjudged("no segment that can be read as fragmented MP4 of one track");
  const problems = inEach(context, (watch) =>
    readable(watch).map(({ record, facts, timescale }) => {
      const problem = problemOf(facts, record, timescale);
      return problem === undefined ? undefined : `segment ${record.segment.number} ${problem}`;
    }),
  );
  return verdict(problems, `${total} segments read`);
}

/** Between successive segments without a discontinuity: seconds from the end of one to the start of the next. */
function jointsOf(watch: RenditionWatch): { name: string; number: number; gap: number }[] {
  const all = readable(watch);
  return all.slice(1).flatMap(({ record, facts, timescale }, index) => {
    const before = all[index];
    const { segment } = record;
    if (before === undefined || before.record.segment.number + 1 !== segment.number) return [];
    if (before.record.segment.discontinuities !== segment.discontinuities) return [];
    const gap = facts.decodeTime / timescale - (before.facts.decodeTime + before.facts.duration) / before.timescale;
    return [{ name: watch.name, number: segment.number, gap }];
  });
}

function mapChanges({ latest, media }: RenditionWatch): string[] {
  return latest.segments.slice(1).flatMap((segment, index) => {
    const before = latest.segments[index];
    if (before?.map === undefined || segment.map === undefined || keyOf(before.map) === keyOf(segment.map)) return [];
    const [was, is] = [media.initBytes(before.map), media.initBytes(segment.map)];
    const equal = was !== undefined && is !== undefined && Buffer.compare(was, is) === 0;
    return equal || before.discontinuities !== segment.discontinuities
      ? []
      : [`segment ${segment.number} has another init segment`];
  });
}
