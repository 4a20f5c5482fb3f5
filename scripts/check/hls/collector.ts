import type { TrackInit } from "../../../server/media/cmaf.ts";
import { type Answer, type Client, isGood } from "../client.ts";
import { readInit } from "../cmaf-pieces.ts";
import { type Hint, keyOf, type MediaPlaylist, type Part, partsOf, type Resource, type Segment } from "./playlist.ts";

/** Something with an address that stood in a playlist. Times in ms on the clock of `performance.now()`. */
interface Listed {
  /** When a playlist that lists it was first there; undefined of what the very first playlist had. */
  readonly appearedAt: number | undefined;
  /** When a playlist without it was first there. */
  goneAt: number | undefined;
  /** What came when it was fetched; undefined when it was not, or is under way. */
  answer: Answer | undefined;
}

/** A part, followed from its appearance on. */
export interface PartRecord extends Listed {
  /** Media Sequence Number of its segment. */
  readonly number: number;
  readonly index: number;
  readonly part: Part;
  readonly map: Resource | undefined;
  /** The request for it that was made when it was only hinted. */
  readonly hint: HintRecord | undefined;
}

/** A segment, followed from its appearance on. */
export interface SegmentRecord extends Listed {
  readonly segment: Segment;
  /** What came when it was fetched right after it had left the playlist. */
  readonly afterwards: { answer: Answer | undefined };
}

/** A hinted part and what became of the request for it. */
export interface HintRecord {
  readonly hint: Hint;
  answer: Answer | undefined;
}

/** Fetches each new part, segment and init segment of one rendition, and every other hinted part ahead of time. */
export class Collector {
  /** By number and index, oldest first. */
  readonly parts = new Map<string, PartRecord>();
  /** By Media Sequence Number, oldest first. */
  readonly segments = new Map<number, SegmentRecord>();
  /** By {@link keyOf}; only those that were asked for. */
  readonly hints = new Map<string, HintRecord>();
  readonly #hintsSeen = new Set<string>();
  readonly #inits = new Map<string, { answer: Answer | undefined }>();
  readonly #client: Client;
  readonly #fetching = new Set<Promise<void>>();
  #began = false;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Takes note of what is new and what is gone in a playlist that was received at `at`, and fetches what is new. */
  take(playlist: MediaPlaylist, at: number): void {
    const appearedAt = this.#began ? at : undefined;
    this.#began = true;
    for (const { map } of [...playlist.segments, playlist.open]) this.#takeInit(map);
    this.#forgetSegments(playlist, at);
    for (const segment of playlist.segments)
      this.#takeSegment(segment, appearedAt, segment === playlist.segments.at(-1));
    this.#takeParts(playlist, at, appearedAt);
    for (const hint of playlist.hints) this.#takeHint(hint);
  }

  /** Waits for everything that is being fetched. */
  async settle(): Promise<void> {
    while (this.#fetching.size > 0) await Promise.all(this.#fetching);
  }

  /** The init segments that were fetched. */
  get inits(): Answer[] {
    return [...this.#inits.values()].flatMap(({ answer }) => answer ?? []);
  }

  /** The track that an init segment describes; why there is none otherwise. */
  init(map: Resource | undefined): TrackInit | string {
    if (map === undefined) return "no EXT-X-MAP: not fragmented MP4";
    const answer = this.#inits.get(keyOf(map))?.answer;
    if (answer === undefined || !isGood(answer)) return "the init segment is not there";
    return readInit(answer.body);
  }

  /** The bytes of an init segment. */
  initBytes(map: Resource): Uint8Array | undefined {
    return this.#inits.get(keyOf(map))?.answer?.body;
  }

  #takeInit(map: Resource | undefined): void {
    if (map === undefined || this.#inits.has(keyOf(map))) return;
    const record: { answer: Answer | undefined } = { answer: undefined };
    this.#inits.set(keyOf(map), record);
    this.#fetch(map, record);
  }

  #forgetSegments({ segments, skip, firstNumber }: MediaPlaylist, at: number): void {
    const listed = new Set(segments.map(({ number }) => number));
    const firstListed = firstNumber + (skip?.segments ?? 0);
    for (const [number, record] of this.segments) {
      const isSkipped = number >= firstNumber && number < firstListed;
      if (listed.has(number) || isSkipped || record.goneAt !== undefined) continue;
      record.goneAt = at;
      if (!record.segment.gap) this.#fetch(record.segment, record.afterwards);
    }
  }

  #takeSegment(segment: Segment, appearedAt: number | undefined, isNewest: boolean): void {
    if (this.segments.has(segment.number)) return;
    const afterwards = { answer: undefined };
    const record: SegmentRecord = { segment, appearedAt, goneAt: undefined, answer: undefined, afterwards };
    this.segments.set(segment.number, record);
    // What was there at the start is history; the newest of it is fetched so that there is one to look at at all.
    if ((appearedAt !== undefined || isNewest) && !segment.gap) this.#fetch(segment, record);
  }

  #takeParts(playlist: MediaPlaylist, at: number, appearedAt: number | undefined): void {
    const maps = new Map([...playlist.segments, playlist.open].map(({ number, map }) => [number, map]));
    const listed = new Set<string>();
    for (const { number, index, part } of partsOf(playlist)) {
      const name = `${number}.${index}`;
      listed.add(name);
      if (!this.parts.has(name)) this.#takePart(name, { number, index, part, map: maps.get(number), appearedAt });
    }
    for (const [name, record] of this.parts) if (!listed.has(name)) record.goneAt ??= at;
  }

  #takePart(name: string, found: Omit<PartRecord, "hint" | "goneAt" | "answer">): void {
    const hint = this.hints.get(keyOf(found.part));
    const record: PartRecord = { ...found, hint, goneAt: undefined, answer: undefined };
    this.parts.set(name, record);
    if (!record.part.gap && hint === undefined) this.#fetch(record.part, record);
  }

  #takeHint(hint: Hint): void {
    const key = keyOf(hint);
    // A range without an end may bring more than the one part.
    const isWhole = hint.range === undefined || hint.range.length !== undefined;
    if (hint.type !== "PART" || !isWhole || this.#hintsSeen.has(key)) return;
    this.#hintsSeen.add(key);
    // Every other one, so that parts are seen both ways: asked for ahead of time, and when they are listed.
    if (this.#hintsSeen.size % 2 === 0) return;
    const record: HintRecord = { hint, answer: undefined };
    this.hints.set(key, record);
    this.#fetch(hint, record);
  }

  #fetch(resource: Resource, record: { answer: Answer | undefined }): void {
    const fetching = this.#client.get(resource.url, { range: resource.range }).then((answer) => {
      record.answer = answer;
      this.#fetching.delete(fetching);
    });
    this.#fetching.add(fetching);
  }
}

/** What came when a part was fetched, whichever way it was asked for. */
export function answerOf({ answer, hint }: PartRecord): Answer | undefined {
  return answer ?? hint?.answer;
}
