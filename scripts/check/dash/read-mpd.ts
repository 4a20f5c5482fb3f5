import type { Mpd, Period, Representation, Template, TimelineEntry } from "./mpd.ts";
import { readCount, readDate, readDecimal, readDuration } from "./times.ts";
import { childrenNamed, readXml, type XmlElement } from "./xml.ts";

/** What a level of the manifest hands down to those below it. */
interface Inherited {
  readonly base: string;
  /** Of base addresses, seconds. */
  readonly offset: number;
  readonly complete: boolean | undefined;
  /** SegmentTemplate elements, the nearest first. */
  readonly templates: readonly XmlElement[];
}

/** Reads any manifest; never throws. A reason when it is none at all. */
export function readMpd(url: string, text: string): Mpd | string {
  const { root, problems } = readXml(text);
  if (root === undefined) return problems[0] ?? "it is no XML";
  if (root.name !== "MPD") return `its root element is ${root.name}, not MPD`;
  const get = (name: string) => root.attributes.get(name);
  const complaints: string[] = [...problems];
  return {
    url,
    text,
    root,
    isWellFormed: problems.length === 0,
    dynamic: get("type") === "dynamic",
    availabilityStart: readDate(get("availabilityStartTime")),
    published: readDate(get("publishTime")),
    minimumUpdatePeriod: readDuration(get("minimumUpdatePeriod")),
    timeShiftBufferDepth: readDuration(get("timeShiftBufferDepth")),
    maxSegmentDuration: readDuration(get("maxSegmentDuration")),
    periods: readPeriods(root, inherit(root, { base: url, offset: 0, complete: undefined, templates: [] }), (problem) =>
      complaints.push(problem),
    ),
    clocks: childrenNamed(root, "UTCTiming").map(({ attributes }) => ({
      scheme: attributes.get("schemeIdUri") ?? "",
      value: attributes.get("value") ?? "",
    })),
    problems: complaints,
  };
}

type Complain = (problem: string) => void;

function readPeriods(root: XmlElement, above: Inherited, complain: Complain): Period[] {
  const elements = childrenNamed(root, "Period");
  if (elements.length === 0) complain("no Period");
  const whole = readDuration(root.attributes.get("mediaPresentationDuration"));
  let next = 0;
  return elements.map((element) => {
    const start = readDuration(element.attributes.get("start")) ?? next;
    const following = elements[elements.indexOf(element) + 1];
    const stated = readDuration(element.attributes.get("duration"));
    const nextStart = readDuration(following?.attributes.get("start"));
    const end = nextStart ?? (following === undefined ? whole : undefined);
    const duration = stated ?? (end === undefined ? undefined : end - start);
    next = start + (duration ?? 0);
    const own = inherit(element, above);
    const representations = childrenNamed(element, "AdaptationSet").flatMap((set, index) =>
      readSet(set, String(index), own, complain),
    );
    return { id: element.attributes.get("id"), start, duration, representations };
  });
}

function readSet(set: XmlElement, index: string, above: Inherited, complain: Complain): Representation[] {
  const shared = inherit(set, above);
  return childrenNamed(set, "Representation").map((element) => {
    const own = inherit(element, shared);
    const get = (name: string) => element.attributes.get(name) ?? set.attributes.get(name);
    const mimeType = get("mimeType") ?? "";
    const type = `${set.attributes.get("contentType") ?? ""} ${mimeType}`;
    return {
      id: element.attributes.get("id") ?? "",
      kind: /video/.test(type) ? "video" : /audio/.test(type) ? "audio" : "other",
      setId: set.attributes.get("id") ?? `#${index}`,
      codecs: get("codecs") ?? "",
      bandwidth: readCount(element.attributes.get("bandwidth")),
      mimeType,
      base: own.base,
      template: readTemplate(own, complain),
      startWithSap: /^[123]$/.test(get("startWithSAP") ?? ""),
      referenceTimes: [
        ...childrenNamed(element, "ProducerReferenceTime"),
        ...childrenNamed(set, "ProducerReferenceTime"),
      ],
    };
  });
}

/** The first BaseURL of a level leads on from the one above; offsets of all levels add up (§5.6, §5.3.9.5.3). */
function inherit(element: XmlElement, above: Inherited): Inherited {
  const [baseUrl] = childrenNamed(element, "BaseURL");
  const templates = [...childrenNamed(element, "SegmentTemplate"), ...above.templates];
  if (baseUrl === undefined) return { ...above, templates };
  const base = URL.canParse(baseUrl.text, above.base) ? new URL(baseUrl.text, above.base).href : above.base;
  return {
    base,
    offset: above.offset + (readDecimal(baseUrl.attributes.get("availabilityTimeOffset")) ?? 0),
    complete: readBoolean(baseUrl.attributes.get("availabilityTimeComplete")) ?? above.complete,
    templates,
  };
}

function readTemplate({ templates, offset, complete }: Inherited, complain: Complain): Template | undefined {
  if (templates.length === 0) return undefined;
  const get = (name: string) => templates.find(({ attributes }) => attributes.has(name))?.attributes.get(name);
  const [timeline] = templates.flatMap((template) => childrenNamed(template, "SegmentTimeline"));
  const startNumber = readCount(get("startNumber")) ?? 1;
  return {
    timescale: readCount(get("timescale")) || 1,
    presentationTimeOffset: readCount(get("presentationTimeOffset")) ?? 0,
    startNumber,
    duration: readCount(get("duration")),
    timeline: timeline === undefined ? undefined : readTimeline(timeline, startNumber, complain),
    timelineGoesOn: Number(timeline?.children.at(-1)?.attributes.get("r") ?? 0) < 0,
    initialization: get("initialization"),
    media: get("media"),
    availabilityTimeOffset: offset + (readDecimal(get("availabilityTimeOffset")) ?? 0),
    availabilityTimeComplete: readBoolean(get("availabilityTimeComplete")) ?? complete,
  };
}

/** No playable timeline has more, and a repetition count may be any number. */
const MAX_ENTRIES = 100_000;

function readTimeline(timeline: XmlElement, startNumber: number, complain: Complain): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const elements = childrenNamed(timeline, "S");
  for (const [index, { attributes }] of elements.entries()) {
    const previous = entries.at(-1);
    const duration = readCount(attributes.get("d"));
    const time = readCount(attributes.get("t")) ?? (previous === undefined ? 0 : previous.time + previous.duration);
    if (duration === undefined || duration === 0) {
      complain("an S without @d");
      continue;
    }
    const nextTime = readCount(elements[index + 1]?.attributes.get("t"));
    const repeats = repeatsOf(attributes.get("r"), nextTime === undefined ? undefined : (nextTime - time) / duration);
    for (let repeat = 0; repeat <= repeats && entries.length < MAX_ENTRIES; repeat++) {
      const number: number = (entries.at(-1)?.number ?? startNumber - 1) + 1;
      entries.push({ number, time: time + repeat * duration, duration });
    }
  }
  return entries;
}

/** `fits`: how many there are until the next element; of those that go on without an end only the first is read. */
function repeatsOf(text: string | undefined, fits: number | undefined): number {
  const repeats = Number(text ?? 0);
  if (Number.isInteger(repeats) && repeats >= 0) return repeats;
  return fits === undefined ? 0 : Math.max(0, Math.round(fits) - 1);
}

function readBoolean(text: string | undefined): boolean | undefined {
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : undefined;
}
