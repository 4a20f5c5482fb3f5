import { cacheSeconds, outcomeOf } from "../../client.ts";
import { distinct, ms, seconds } from "../../numbers.ts";
import { fail, pass, type Rule, unjudged, verdict } from "../../rule.ts";
import { type DashContext, isLive, representationsOf } from "../context.ts";
import { mpdParserProblems } from "../mpd-parser.ts";
import { schemaProblems } from "../schema.ts";

/** What the manifest says, and how it is sent. */
export const manifestRules: readonly Rule<DashContext>[] = [
  {
    id: "manifest-answers",
    section: "5.4",
    level: "MUST",
    title: "the manifest is there whenever it is asked for",
    run: ({ watch: { manifests, refusals } }) => verdict(refusals.map(outcomeOf), `${manifests.length} times`),
  },
  {
    id: "well-formed",
    section: "5.2",
    level: "MUST",
    title: "the manifest is well-formed XML and can be read",
    run: ({ watch: { manifests } }) => verdict(distinct(manifests.flatMap(({ mpd }) => mpd.problems)), "no complaint"),
  },
  {
    id: "schema",
    section: "5.2",
    level: "MUST",
    title: "elements in the schema's order, required attributes there",
    run: ({ watch: { manifests } }) =>
      verdict(distinct(manifests.flatMap(({ mpd }) => schemaProblems(mpd.root))), "as in the schema"),
  },
  {
    id: "mpd-parser-agrees",
    section: "5.2",
    level: "MUST",
    title: "mpd-parser finds the same representations and addresses",
    run: (context) => {
      const { latest } = context.watch;
      // It would print what it thinks of bad XML, and find nothing in it.
      if (!latest.isWellFormed) return unjudged("the manifest is not well-formed");
      return verdict(
        mpdParserProblems(latest, context.watch.wall()),
        `${representationsOf(context).length} representations`,
      );
    },
  },
  {
    id: "content-type",
    section: "DASH-IF IOP",
    level: "SHOULD",
    title: "the manifest is sent as application/dash+xml",
    run: ({ watch: { manifests } }) => {
      const types = distinct(manifests.map(({ answer }) => answer.headers.get("content-type") ?? "none"));
      return verdict(
        types.filter((type) => !/^application\/dash\+xml\b/i.test(type)),
        types.join(", "),
      );
    },
  },
  {
    id: "cors",
    section: "Fetch 3.3",
    level: "SHOULD",
    title: "pages of other sites may read manifest and media",
    run: ({ watch: { manifests }, fetched, inits }) => {
      const answers = [...manifests, ...fetched].map(({ answer }) => answer).concat(...inits.values());
      const closed = answers.filter(({ headers }) => !headers.has("access-control-allow-origin"));
      return verdict(
        distinct(closed.map(({ url }) => `no Access-Control-Allow-Origin at ${new URL(url).pathname}`)),
        `${answers.length} answers`,
      );
    },
  },
  {
    id: "dynamic-attributes",
    section: "5.3.1.2",
    level: "MUST",
    title: "live: availabilityStartTime, publishTime, minimumUpdatePeriod",
    needs: [isLive],
    run: ({ watch: { latest } }) => {
      const { availabilityStart, published, minimumUpdatePeriod } = latest;
      const given = { availabilityStartTime: availabilityStart, publishTime: published, minimumUpdatePeriod };
      const missing = Object.entries(given)
        .filter(([, value]) => value === undefined)
        .map(([name]) => `no @${name} that can be read`);
      const early = availabilityStart !== undefined && published !== undefined && published < availabilityStart;
      return verdict(
        [...missing, ...(early ? ["published before it begins"] : [])],
        `refreshed every ${seconds(minimumUpdatePeriod ?? 0)}`,
      );
    },
  },
  {
    id: "static-attributes",
    section: "5.3.1.2",
    level: "MUST",
    title: "static: a duration, and no minimumUpdatePeriod",
    run: ({ watch: { latest } }) => {
      if (latest.dynamic) return unjudged("the presentation is live");
      const lasting = latest.root.attributes.get("mediaPresentationDuration") ?? latest.periods.at(-1)?.duration;
      if (lasting === undefined) return fail("neither mediaPresentationDuration nor a duration of the last Period");
      return latest.minimumUpdatePeriod === undefined ? pass(String(lasting)) : fail("it has a minimumUpdatePeriod");
    },
  },
  {
    id: "representations",
    section: "5.3.5.2",
    level: "MUST",
    title: "representations with ids of their own, type, codecs and template",
    run: ({ watch: { latest } }) =>
      verdict(
        latest.periods.flatMap(({ id, representations }) => {
          const ids = representations.map((one) => one.id);
          return [
            ...ids.filter((one, index) => ids.indexOf(one) !== index).map((one) => `two called ${one} in period ${id}`),
            ...representations.flatMap(({ id: one, mimeType, codecs, template }) => [
              ...(mimeType === "" ? [`${one} has no mimeType`] : []),
              // What an image is, its type says.
              ...(codecs === "" && !mimeType.startsWith("image/") ? [`${one} has no codecs`] : []),
              ...(template?.media === undefined ? [`${one} has no SegmentTemplate@media`] : []),
            ]),
          ];
        }),
        latest.periods.map(({ representations }) => representations.map(({ id }) => id).join(", ")).join(" | "),
      ),
  },
  {
    id: "manifest-caching",
    section: "5.4",
    level: "SHOULD",
    title: "caches keep the manifest no longer than it is valid",
    needs: [isLive],
    run: ({ watch: { latest, manifests } }) => {
      const most = Math.max(1, latest.minimumUpdatePeriod ?? 0);
      const kept = manifests.map(({ answer }) => cacheSeconds(answer.headers));
      const long = kept.filter((time) => time !== undefined && time > most);
      return verdict(
        [
          ...long.map((time) => `kept for ${seconds(time ?? 0)}, valid for ${seconds(most)}`),
          ...(kept.includes(undefined) ? ["no lifetime given"] : []),
        ].slice(0, 1),
        distinct(manifests.map(({ answer }) => answer.headers.get("cache-control"))).join(" | "),
      );
    },
  },
  {
    id: "utc-timing",
    section: "5.8.4.11",
    level: "MUST",
    title: "UTCTiming names a clock, and it answers",
    needs: [isLive],
    run: ({ watch: { clocks } }) => {
      if (clocks.length === 0) return fail("no UTCTiming");
      const problems = clocks.flatMap(({ problem }) => problem ?? []);
      const read = clocks.find(({ offsetMs }) => offsetMs !== undefined);
      if (read === undefined && problems.length === 0)
        return unjudged(`only clocks that are not asked: ${clocks.map(({ scheme }) => scheme).join()}`);
      return verdict(
        problems,
        `${read?.scheme} is ${ms(read?.offsetMs ?? 0)} ahead of this machine, give or take ${ms(read?.uncertainMs ?? 0)}`,
      );
    },
  },
];
