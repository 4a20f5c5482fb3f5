import { linesOf } from "../../core/lines.ts";

/** An epoch as an index tells of it: init bytes at [offset, end), and the Unix time in ms at which they arrived. */
interface KnownEpoch {
  readonly offset: number;
  readonly end: number;
  readonly arrivedMs: number;
}

/** A resync point as an index tells of it: media time in seconds, arrival as Unix time in ms. */
export interface KnownResync {
  readonly offset: number;
  readonly time: number;
  readonly arrivedMs: number;
  readonly preamble?: Uint8Array;
}

/** What an index tells of the bytes that its log really has, each list by rising offset. */
export interface IndexContents {
  readonly epochs: readonly KnownEpoch[];
  readonly resyncs: readonly KnownResync[];
  /** Where the publisher said that a new container begins. */
  readonly restarts: readonly number[];
  /** Unix time in ms of the newest append; undefined when the index tells of none. */
  readonly arrivedMs: number | undefined;
  /** The publisher ended the broadcast, and all of it is there. */
  readonly ended: boolean;
}

/** Nothing is known: everything must be found in the log itself. */
export const EMPTY_INDEX: IndexContents = { epochs: [], resyncs: [], restarts: [], arrivedMs: undefined, ended: false };

const NUMBER = String.raw`(\d{1,16}(?:\.\d{1,9})?)`;
const ARRIVAL = new RegExp(`^a (\\d{1,16}) ${NUMBER}$`);
const EPOCH = /^e (\d{1,16}) (\d{1,16}) [a-z0-9]+$/;
const RESYNC = new RegExp(`^r (\\d{1,16}) ${NUMBER}(?: ((?:[0-9a-f]{2}){1,64}))?$`);
const PLAIN = /^(restart|open|end) (\d{1,16})(?: |$)/;

/**
 * Reads the index beside a log of `length` bytes; one that is not there is empty. Whatever happened to it: lines that
 * were cut are left out, and so is what they tell of bytes that the log does not have.
 */
export async function readIndex(path: string, length: number): Promise<IndexContents> {
  const reader = new IndexReader();
  try {
    for await (const line of linesOf(path)) reader.read(line);
  } catch {
    return EMPTY_INDEX;
  }
  return reader.contents(length);
}

class IndexReader {
  #epochs: KnownEpoch[] = [];
  #resyncs: KnownResync[] = [];
  #restarts: number[] = [];
  #arrivedMs: number | undefined;
  #end: number | undefined;

  read(line: string): void {
    const arrival = ARRIVAL.exec(line);
    if (arrival !== null) this.#arrivedMs = Number(arrival[2]);
    else if (!this.#readEpoch(line) && !this.#readResync(line)) this.#readPlain(line);
  }

  contents(length: number): IndexContents {
    this.#void(length);
    return {
      epochs: this.#epochs,
      resyncs: this.#resyncs,
      restarts: this.#restarts,
      arrivedMs: this.#arrivedMs,
      ended: this.#end === length,
    };
  }

  #readEpoch(line: string): boolean {
    const match = EPOCH.exec(line);
    if (match === null) return false;
    this.#epochs.push({ offset: Number(match[1]), end: Number(match[2]), arrivedMs: this.#arrivedMs ?? 0 });
    return true;
  }

  #readResync(line: string): boolean {
    const match = RESYNC.exec(line);
    if (match === null) return false;
    const [, offset, time, hex] = match;
    const preamble = hex === undefined ? {} : { preamble: new Uint8Array(Buffer.from(hex, "hex")) };
    this.#resyncs.push({
      offset: Number(offset),
      time: Number(time),
      arrivedMs: this.#arrivedMs ?? 0,
      ...preamble,
    });
    return true;
  }

  #readPlain(line: string): void {
    const [, word, text] = PLAIN.exec(line) ?? [];
    const offset = Number(text);
    if (word === "restart") this.#restarts.push(offset);
    else if (word === "end") this.#end = offset;
    else if (word === "open") this.#void(offset);
  }

  /** The log turned out to have no more than `length` bytes. */
  #void(length: number): void {
    this.#epochs = this.#epochs.filter(({ end }) => end <= length);
    this.#resyncs = this.#resyncs.filter(({ offset }) => offset < length);
    this.#restarts = this.#restarts.filter((offset) => offset <= length);
    if (this.#end !== length) this.#end = undefined;
  }
}
