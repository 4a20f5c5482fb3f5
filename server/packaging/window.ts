import type { Part, RunInit, Segment, SegmentRow } from "./segment.ts";

/**
 * What viewers can ask for of one track: the listed segments of the last `seconds`, and for as long and a segment
 * again those that have left the list, since a player may still be at them (RFC 8216bis §6.2.2). Rows stay for the
 * recording's playlists; they are about a hundred bytes each.
 */
export class Window {
  readonly #seconds: number;
  readonly #inits = new Map<number, RunInit>();
  readonly #rows: SegmentRow[] = [];
  readonly #segments = new Map<number, Segment>();
  readonly #parts = new Map<number, Part>();
  /** The first row after each discontinuity, by how many there were. */
  readonly #firstRows = new Map<number, SegmentRow>();
  #firstListed = 0;
  #firstKept = 0;
  #peakBitrate = 0;
  #longestSeconds = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** Every segment since the beginning of the broadcast. */
  get rows(): readonly SegmentRow[] {
    return this.#rows;
  }

  /** The segments that a live playlist lists. */
  get listed(): readonly SegmentRow[] {
    return this.#rows.slice(this.#firstListed);
  }

  /** The newest segment that is complete. */
  get last(): SegmentRow | undefined {
    return this.#rows.at(-1);
  }

  /** How many segments have been closed, gaps included. */
  get count(): number {
    return this.#rows.length;
  }

  /** How many of them a live playlist lists. */
  get listedCount(): number {
    return this.#rows.length - this.#firstListed;
  }

  /** The highest bit rate of a segment so far, in bit/s. */
  get peakBitrate(): number {
    return Math.ceil(this.#peakBitrate);
  }

  /** The first segment of the broadcast after so many discontinuities, listed or not. */
  firstAfterBreak(discontinuities: number): SegmentRow | undefined {
    return this.#firstRows.get(discontinuities);
  }

  addInit(init: RunInit): void {
    this.#inits.set(init.run, init);
  }

  /** What an earlier life of the server published: it is in the recording, and no longer listed live. */
  restore(rows: readonly SegmentRow[], inits: readonly RunInit[]): void {
    for (const init of inits) this.addInit(init);
    for (const row of rows) this.#note(row, this.#inits.get(row.run)?.info.timescale ?? 1);
    this.#firstListed = this.#rows.length;
    this.#firstKept = this.#rows.length;
  }

  /** A part can be asked for from now on, and as long as the segment that it will belong to. */
  addPart(part: Part): void {
    this.#parts.set(part.number, part);
  }

  add(segment: Segment, timescale: number): void {
    const { row } = segment;
    this.#note(row, timescale);
    if (!row.gap) this.#segments.set(row.number, segment);
    const edge = row.boundary.time + row.duration / timescale;
    this.#firstListed = this.#firstAfter(this.#firstListed, edge - this.#seconds);
    this.#forgetBefore(edge - 2 * (this.#seconds + this.#longestSeconds));
  }

  /**
   * Nothing is added any more, and the broadcast goes on: what ends before the window that closes at `edge`, in seconds
   * on its timeline, leaves as it would have.
   */
  expire(edge: number): void {
    const listedFrom = edge - this.#seconds;
    const keptFrom = edge - 2 * (this.#seconds + this.#longestSeconds);
    const isOver = (row: SegmentRow | undefined, time: number) =>
      row !== undefined && row.boundary.time + this.#longestSeconds <= time;
    while (isOver(this.#rows[this.#firstListed], listedFrom)) this.#firstListed++;
    let kept = this.#firstKept;
    while (isOver(this.#rows[kept], keptFrom)) kept++;
    this.#forgetTo(kept);
  }

  /** The init segment of a run. */
  init(run: number): RunInit | undefined {
    return this.#inits.get(run);
  }

  /** A segment with its bytes, as long as they are kept. */
  segment(run: number, number: number): Segment | undefined {
    const segment = this.#segments.get(number);
    return segment?.row.run === run ? segment : undefined;
  }

  /** Whether a listed segment is one for which nothing came. */
  isGap(run: number, number: number): boolean {
    const row = this.#rows[number - (this.#rows[0]?.number ?? 0)];
    return row?.gap === true && row.run === run;
  }

  /** A part by its number, as long as its segment is kept. */
  part(run: number, number: number): Part | undefined {
    const part = this.#parts.get(number);
    return part?.run === run ? part : undefined;
  }

  /** The parts of a listed segment; none of a gap. */
  partsOf(row: SegmentRow): readonly Part[] {
    return this.#segments.get(row.number)?.parts ?? [];
  }

  #note(row: SegmentRow, timescale: number): void {
    this.#rows.push(row);
    const { discontinuities } = row.boundary;
    if (!this.#firstRows.has(discontinuities)) this.#firstRows.set(discontinuities, row);
    this.#longestSeconds = Math.max(this.#longestSeconds, row.duration / timescale);
    if (row.duration > 0) this.#peakBitrate = Math.max(this.#peakBitrate, (row.bytes * 8 * timescale) / row.duration);
  }

  /** Index of the first row from `index` on whose segment ends after `time`. */
  #firstAfter(index: number, time: number): number {
    let first = index;
    while (first + 1 < this.#rows.length && (this.#rows[first + 1]?.boundary.time ?? 0) <= time) first++;
    return first;
  }

  #forgetBefore(time: number): void {
    this.#forgetTo(this.#firstAfter(this.#firstKept, time));
  }

  #forgetTo(kept: number): void {
    for (const row of this.#rows.slice(this.#firstKept, kept)) {
      for (const { number } of this.partsOf(row)) this.#parts.delete(number);
      this.#segments.delete(row.number);
    }
    this.#firstKept = kept;
  }
}
