import { cacheSeconds, isGood, outcomeOf } from "../../client.ts";
import { distinct, largest, seconds } from "../../numbers.ts";
import { pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { type HlsContext, hasEnded, inEach, isLive } from "../context.ts";
import type { RenditionWatch } from "../watch.ts";

/** What segments have to be like. */
export const segmentRules: readonly Rule<HlsContext>[] = [
  {
    id: "segments-within-target",
    section: "4.4.3.1",
    level: "MUST",
    title: "no segment, rounded, is longer than TARGETDURATION",
    run: (context) => {
      const all = context.renditions.flatMap(({ media }) => [...media.segments.values()]);
      return verdict(
        inEach(context, ({ latest, media }) =>
          [...media.segments.values()]
            .filter(({ segment }) => Math.round(segment.seconds) > (latest.targetSeconds ?? 0))
            .map(
              ({ segment }) =>
                `segment ${segment.number} has ${seconds(segment.seconds)}, the target is ${latest.targetSeconds} s`,
            ),
        ),
        `${all.length} segments, up to ${seconds(largest(all.map(({ segment }) => segment.seconds)))}`,
      );
    },
  },
  {
    id: "segments-available",
    section: "6.2.1",
    level: "MUST",
    title: "a segment is there the moment it is listed",
    run: (context) => {
      const fetched = context.renditions.flatMap(fetchedOf);
      if (fetched.length === 0) return unjudged("no new segment during the observation");
      return verdict(
        inEach(context, (watch) =>
          fetchedOf(watch)
            .filter(({ answer }) => !isGood(answer) || answer.body.byteLength === 0)
            .map(
              ({ segment, answer }) =>
                `segment ${segment.number} answers ${outcomeOf(answer)}, ${answer.body.byteLength} bytes`,
            ),
        ),
        `${fetched.length} fetched`,
      );
    },
  },
  {
    id: "segments-stay",
    section: "6.2.2",
    level: "MUST",
    title: "a segment can be had for its length after it left",
    needs: [isLive],
    run: (context) => {
      const asked = ({ media }: RenditionWatch) =>
        [...media.segments.values()].flatMap(({ segment, afterwards: { answer } }) =>
          answer === undefined ? [] : [{ segment, answer }],
        );
      if (context.renditions.every((watch) => asked(watch).length === 0))
        return unjudged("no segment left during the observation");
      return verdict(
        inEach(context, (watch) =>
          asked(watch)
            .filter(({ answer }) => !isGood(answer))
            .map(({ segment, answer }) => `segment ${segment.number} answers ${outcomeOf(answer)} right after it left`),
        ),
        `${context.renditions.flatMap(asked).length} asked for right after they left`,
      );
    },
  },
  {
    id: "gaps-marked",
    section: "6.2.1",
    level: "MUST",
    title: "parts of what is missing are marked GAP, too",
    run: (context) => {
      const gaps = context.renditions.flatMap(({ playlists }) =>
        playlists.flatMap(({ segments }) => segments.filter(({ gap }) => gap)),
      );
      if (gaps.length === 0) return unjudged("no EXT-X-GAP was seen");
      const bare = gaps.filter(({ parts }) => parts.some(({ gap }) => !gap));
      return verdict(
        distinct(bare.map(({ number }) => `segment ${number} is a gap, not all of its parts are`)),
        `${distinct(gaps.map(({ number }) => number)).length} gaps`,
      );
    },
  },
  {
    id: "media-lifetime",
    section: "6.2.2",
    level: "SHOULD",
    title: "media says how long it may be kept",
    run: (context) => {
      const answers = context.renditions.flatMap((watch) => fetchedOf(watch).map(({ answer }) => answer));
      if (answers.length === 0) return unjudged("no segment was fetched");
      if (hasEnded(context) && answers.every(({ headers }) => cacheSeconds(headers) === undefined))
        return pass("nothing, and nothing leaves");
      return verdict(
        distinct(
          answers
            .filter(({ headers }) => cacheSeconds(headers) === undefined)
            .map(() => "neither Cache-Control nor Expires"),
        ),
        distinct(answers.map(({ headers }) => headers.get("cache-control") ?? headers.get("expires"))).join(" | "),
      );
    },
  },
];

const fetchedOf = ({ media }: RenditionWatch) =>
  [...media.segments.values()].flatMap(({ segment, answer }) => (answer === undefined ? [] : [{ segment, answer }]));
