import { type Attributes, readAttributes, readByteRange, readNumber } from "./attributes.ts";
import type { Hint, MediaPlaylist, OpenSegment, Part, RenditionReport, Resource, Segment, Skip } from "./playlist.ts";

/** Whether a text is a playlist at all (§4.1). */
export function isPlaylist(text: string): boolean {
  return /^#EXTM3U\s*$/m.test(text.slice(0, text.indexOf("\n") + 1 || undefined));
}

/** Reads any media playlist; never throws. What it cannot read stands in `problems`. */
export function readPlaylist(url: string, text: string): MediaPlaylist {
  const reader = new Reader(url);
  if (!isPlaylist(text)) reader.complain("the first line is not #EXTM3U");
  for (const line of text.split(/\r?\n/)) reader.line(line.trim());
  return reader.finish(text);
}

/** What applies to the segment whose URI line has not come yet. */
interface Pending {
  seconds: number | undefined;
  gap: boolean;
  parts: Part[];
  /** Unix time in ms. */
  date: number | undefined;
  byteRange: string | undefined;
}

class Reader {
  readonly #url: string;
  readonly #problems: string[] = [];
  readonly #head = new Map<string, string>();
  readonly #segments: Segment[] = [];
  readonly #hints: Hint[] = [];
  readonly #reports: RenditionReport[] = [];
  readonly #dateRanges: string[] = [];
  #skip: Skip | undefined;
  #map: Resource | undefined;
  #number: number | undefined;
  #discontinuities: number | undefined;
  /** Where the next segment begins if its predecessor's date and duration are right. */
  #expectedDate: number | undefined;
  #ended = false;
  #pending: Pending = nothing();

  constructor(url: string) {
    this.#url = url;
  }

  complain(problem: string): void {
    this.#problems.push(problem);
  }

  line(line: string): void {
    if (line === "" || (line.startsWith("#") && !line.startsWith("#EXT"))) return;
    if (!line.startsWith("#")) return this.#uri(line);
    const colon = line.indexOf(":");
    const name = colon === -1 ? line.slice(1) : line.slice(1, colon);
    this.#tag(name, colon === -1 ? "" : line.slice(colon + 1));
  }

  finish(text: string): MediaPlaylist {
    const head = (name: string) => this.#head.get(name);
    const control = head("EXT-X-SERVER-CONTROL");
    const partInf = head("EXT-X-PART-INF");
    if (this.#pending.seconds !== undefined) this.complain("an EXTINF has no URI line");
    return {
      url: this.#url,
      text,
      version: this.#count("EXT-X-VERSION") ?? 1,
      targetSeconds: this.#count("EXT-X-TARGETDURATION"),
      firstNumber: this.#count("EXT-X-MEDIA-SEQUENCE") ?? 0,
      firstDiscontinuity: this.#count("EXT-X-DISCONTINUITY-SEQUENCE") ?? 0,
      type: head("EXT-X-PLAYLIST-TYPE"),
      ended: this.#ended,
      framesOnly: this.#head.has("EXT-X-I-FRAMES-ONLY"),
      serverControl: control === undefined ? undefined : this.#attributes(control),
      partTarget: partInf === undefined ? undefined : readNumber(this.#attributes(partInf).get("PART-TARGET")),
      skip: this.#skip,
      segments: this.#segments,
      open: this.#segment(),
      hints: this.#hints,
      reports: this.#reports,
      dateRanges: this.#dateRanges,
      problems: this.#problems,
    };
  }

  #tag(name: string, value: string): void {
    const pending = this.#pending;
    if (name === "EXTINF") pending.seconds = this.#seconds(value.split(",", 1)[0], "EXTINF");
    else if (name === "EXT-X-PART") this.#part(this.#attributes(value));
    else if (name === "EXT-X-BYTERANGE") pending.byteRange = value;
    else if (name === "EXT-X-GAP") pending.gap = true;
    else if (name === "EXT-X-DISCONTINUITY") this.#discontinuities = this.#discontinuity() + 1;
    else if (name === "EXT-X-PROGRAM-DATE-TIME") this.#date(value);
    else if (name === "EXT-X-MAP") this.#map = this.#mapOf(this.#attributes(value));
    else if (name === "EXT-X-PRELOAD-HINT") this.#hint(this.#attributes(value));
    else if (name === "EXT-X-RENDITION-REPORT") this.#report(this.#attributes(value));
    else if (name === "EXT-X-SKIP") this.#skipped(this.#attributes(value));
    else if (name === "EXT-X-DATERANGE") this.#dateRanges.push(this.#attributes(value).get("ID") ?? "");
    else if (name === "EXT-X-ENDLIST") this.#ended = true;
    else this.#headTag(name, value);
  }

  #headTag(name: string, value: string): void {
    // Of tags unknown here a playlist may have as many as it likes.
    if (this.#head.has(name) && HEAD_TAGS.has(name)) this.complain(`${name} stands more than once`);
    else this.#head.set(name, value);
  }

  #uri(uri: string): void {
    const url = this.#resolve(uri);
    const { seconds, gap, byteRange } = this.#pending;
    if (seconds === undefined) return this.complain(`no EXTINF before ${uri}`);
    const previous = this.#segments.at(-1);
    const range = readByteRange(byteRange, endOf(previous, url));
    if (byteRange !== undefined && range === undefined) this.complain(`"${byteRange}" is no byte range`);
    const segment = { ...this.#segment(), url, range, seconds, gap };
    this.#segments.push(segment);
    this.#expectedDate = segment.wallMs === undefined ? undefined : segment.wallMs + seconds * 1000;
    this.#number = segment.number + 1;
    this.#pending = nothing();
  }

  /** The segment that the tags since the last URI line belong to. */
  #segment(): OpenSegment {
    return {
      number: this.#number ?? this.#firstNumber(),
      parts: this.#pending.parts,
      discontinuities: this.#discontinuity(),
      wallMs: this.#pending.date ?? this.#expectedDate,
      hasOwnDate: this.#pending.date !== undefined,
      map: this.#map,
    };
  }

  #firstNumber(): number {
    return (this.#count("EXT-X-MEDIA-SEQUENCE") ?? 0) + (this.#skip?.segments ?? 0);
  }

  #discontinuity(): number {
    return this.#discontinuities ?? this.#count("EXT-X-DISCONTINUITY-SEQUENCE") ?? 0;
  }

  #part(attributes: Attributes): void {
    const url = this.#resolve(this.#need(attributes, "URI", "EXT-X-PART"));
    const previous = this.#pending.parts.at(-1);
    this.#pending.parts.push({
      url,
      range: readByteRange(attributes.get("BYTERANGE"), endOf(previous, url)),
      seconds: this.#seconds(attributes.get("DURATION"), "EXT-X-PART") ?? 0,
      independent: attributes.get("INDEPENDENT") === "YES",
      gap: attributes.get("GAP") === "YES",
    });
  }

  #hint(attributes: Attributes): void {
    const start = readNumber(attributes.get("BYTERANGE-START"));
    const length = readNumber(attributes.get("BYTERANGE-LENGTH"));
    const hasRange = start !== undefined || length !== undefined;
    this.#hints.push({
      type: this.#need(attributes, "TYPE", "EXT-X-PRELOAD-HINT"),
      url: this.#resolve(this.#need(attributes, "URI", "EXT-X-PRELOAD-HINT")),
      range: hasRange ? { start: start ?? 0, length } : undefined,
    });
  }

  #report(attributes: Attributes): void {
    const uri = this.#need(attributes, "URI", "EXT-X-RENDITION-REPORT");
    this.#reports.push({
      url: this.#resolve(uri),
      uri,
      lastNumber: readNumber(attributes.get("LAST-MSN")),
      lastPart: readNumber(attributes.get("LAST-PART")),
    });
  }

  #skipped(attributes: Attributes): void {
    if (this.#skip !== undefined) this.complain("EXT-X-SKIP stands more than once");
    const count = readNumber(attributes.get("SKIPPED-SEGMENTS"));
    if (count === undefined) this.complain("EXT-X-SKIP has no SKIPPED-SEGMENTS");
    const removed = attributes.get("RECENTLY-REMOVED-DATERANGES");
    this.#skip = { segments: count ?? 0, removedDateRanges: removed?.split("\t").filter((id) => id !== "") };
  }

  #mapOf(attributes: Attributes): Resource {
    const range = readByteRange(attributes.get("BYTERANGE"), 0);
    return { url: this.#resolve(this.#need(attributes, "URI", "EXT-X-MAP")), range };
  }

  #date(text: string): void {
    const date = Date.parse(text);
    if (Number.isNaN(date)) this.complain(`"${text}" is no date`);
    else this.#pending.date = date;
  }

  #seconds(text: string | undefined, tag: string): number | undefined {
    const seconds = readNumber(text);
    if (seconds === undefined) this.complain(`${tag} has no duration that can be read: "${text ?? ""}"`);
    return seconds;
  }

  #need(attributes: Attributes, name: string, tag: string): string {
    const value = attributes.get(name);
    if (value === undefined) this.complain(`${tag} has no ${name}`);
    return value ?? "";
  }

  #attributes(text: string): Attributes {
    return readAttributes(text, (problem) => this.complain(problem));
  }

  #count(name: string): number | undefined {
    const text = this.#head.get(name);
    return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
  }

  #resolve(uri: string): string {
    if (URL.canParse(uri, this.#url)) return new URL(uri, this.#url).href;
    this.complain(`"${uri}" is no address`);
    return uri;
  }
}

/** Tags that may stand once (§4.4.3). */
const HEAD_TAGS = new Set([
  "EXTM3U",
  "EXT-X-VERSION",
  "EXT-X-TARGETDURATION",
  "EXT-X-MEDIA-SEQUENCE",
  "EXT-X-DISCONTINUITY-SEQUENCE",
  "EXT-X-PLAYLIST-TYPE",
  "EXT-X-I-FRAMES-ONLY",
  "EXT-X-PART-INF",
  "EXT-X-SERVER-CONTROL",
  "EXT-X-INDEPENDENT-SEGMENTS",
]);

function nothing(): Pending {
  return { seconds: undefined, gap: false, parts: [], date: undefined, byteRange: undefined };
}

/** Where a range without an offset begins: after the one before it in the same resource. */
function endOf(previous: Resource | undefined, url: string): number {
  const { range } = previous ?? {};
  return previous?.url === url && range?.length !== undefined ? range.start + range.length : 0;
}
