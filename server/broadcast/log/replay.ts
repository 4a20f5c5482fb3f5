import { isLiveError } from "../../core/errors.ts";
import type { ContainerEvent, ContainerScanner } from "../../media/container.ts";
import type { BroadcastLog } from "./broadcast-log.ts";
import { EMPTY_INDEX, type IndexContents, type KnownResync } from "./index-lines.ts";

/** Makes what reads a container that begins at an offset. */
export type NewScanner = (offset: number) => ContainerScanner;

/** Is told what a log contains, in stream order. `isKnown`: the index has a line for it already. */
export type Learn = (event: ContainerEvent, arrivedMs: number, isKnown: boolean) => void;

/** The beginning of an epoch is read until its first key frame, or this far. */
const OPENING_BYTES = 4 * 1024 * 1024;

/** A part of the log that one scanner reads from its beginning. */
interface Stretch {
  readonly begin: number;
  readonly end: number;
  /** Resync points that are known; none where no epoch is known to begin. */
  readonly resyncs: readonly KnownResync[];
}

/** The index, if the log really has the epochs that it tells of; else nothing but where containers were announced. */
export async function trusted(log: BroadcastLog, newScanner: NewScanner, index: IndexContents): Promise<IndexContents> {
  for (const epoch of index.epochs) {
    const opening = new Opening();
    const scan = opening.read(log, newScanner(epoch.offset), { from: epoch.offset, to: log.length });
    await scan.catch(() => {});
    const { init } = opening;
    if (init?.offset === epoch.offset && init.end === epoch.end) continue;
    return { ...EMPTY_INDEX, restarts: index.restarts, arrivedMs: index.arrivedMs };
  }
  return index;
}

/**
 * Learns what a log of an earlier life contains, and returns the scanner that goes on at its end. Of what the index
 * tells, only the beginning of each epoch is read again and what follows its last resync point.
 *
 * Rejects with `bad_container` when the log does not begin with any container.
 */
export async function replay(
  log: BroadcastLog,
  { contents: index, newScanner }: { readonly contents: IndexContents; readonly newScanner: NewScanner },
  learn: Learn,
): Promise<ContainerScanner> {
  const known = new Known(index, learn);
  let scanner = newScanner(0);
  for (const stretch of stretchesOf(index, log.length)) {
    scanner = newScanner(stretch.begin);
    await readStretch(log, { scanner, stretch, known }).catch((error: unknown) => {
      // The publisher was told when it sent this and had another try; only the first container must be one.
      if (stretch.begin === 0 || !isLiveError(error, "bad_container")) throw error;
    });
  }
  return scanner;
}

/** A scanner begins at the log's beginning, at every epoch, and wherever the publisher said so. */
function stretchesOf({ epochs, resyncs, restarts }: IndexContents, length: number): Stretch[] {
  const begins = [...new Set([0, ...restarts, ...epochs.map(({ offset }) => offset)])].toSorted((a, b) => a - b);
  return begins.map((begin, at) => {
    const end = begins[at + 1] ?? length;
    const isEpoch = epochs.some(({ offset }) => offset === begin);
    return { begin, end, resyncs: isEpoch ? resyncs.filter(({ offset }) => offset >= begin && offset < end) : [] };
  });
}

async function readStretch(
  log: BroadcastLog,
  { scanner, stretch, known }: { scanner: ContainerScanner; stretch: Stretch; known: Known },
): Promise<void> {
  const { begin, end, resyncs } = stretch;
  const opening = new Opening((event) => known.tell(event));
  let at = await opening.read(log, scanner, { from: begin, to: end });
  const last = resyncs.at(-1);
  if (last !== undefined && last.offset >= at && opening.init !== undefined) {
    for (const point of resyncs) known.tellPoint(point, opening.leader);
    scanner.jump(last);
    at = last.offset;
  }
  for await (const bytes of follow(log, at, end)) {
    for (const event of scanner.push(bytes)) known.tell(event);
  }
}

/** Reads a container until it is known when its picture, or what else it has, begins. */
class Opening {
  readonly #tell: (event: ContainerEvent) => void;
  init: Extract<ContainerEvent, { type: "init" }> | undefined;
  #complete = false;

  constructor(tell: (event: ContainerEvent) => void = () => {}) {
    this.#tell = tell;
  }

  /** The kind of track that resync points belong to. */
  get leader(): "video" | "audio" {
    return this.init?.tracks.some(({ kind }) => kind === "video") === true ? "video" : "audio";
  }

  /** Returns the offset behind what has been read. */
  async read(
    log: BroadcastLog,
    scanner: ContainerScanner,
    { from, to }: { from: number; to: number },
  ): Promise<number> {
    let at = from;
    for await (const bytes of follow(log, from, Math.min(to, from + OPENING_BYTES))) {
      for (const event of scanner.push(bytes)) this.#take(event);
      at += bytes.byteLength;
      if (this.#complete) break;
    }
    return at;
  }

  #take(event: ContainerEvent): void {
    if (event.type === "init") this.init ??= event;
    if (event.type === "frame" && event.kind === this.leader && event.key) this.#complete = true;
    this.#tell(event);
  }
}

/** Passes on what is found, each resync point once, with the arrival times that the index knows. */
class Known {
  readonly #index: IndexContents;
  readonly #learn: Learn;
  readonly #arrivals: ReadonlyMap<number, number>;
  #newest = -1;

  constructor(index: IndexContents, learn: Learn) {
    this.#index = index;
    this.#learn = learn;
    const all = [...index.resyncs, ...index.epochs];
    this.#arrivals = new Map(all.map(({ offset, arrivedMs }) => [offset, arrivedMs]));
  }

  tell(event: ContainerEvent): void {
    if (event.type === "resync" && event.offset <= this.#newest) return;
    if (event.type === "resync") this.#newest = event.offset;
    const isMarked = event.type === "init" || event.type === "resync";
    const arrivedMs = isMarked ? this.#arrivals.get(event.offset) : undefined;
    this.#learn(event, arrivedMs ?? this.#index.arrivedMs ?? 0, arrivedMs !== undefined);
  }

  /** A resync point that only the index has told of: there was a key frame, or what stands for one. */
  tellPoint({ arrivedMs, ...point }: KnownResync, leader: "video" | "audio"): void {
    if (point.offset <= this.#newest) return;
    this.#newest = point.offset;
    this.#learn({ type: "resync", ...point }, arrivedMs, true);
    this.#learn({ type: "frame", track: 0, kind: leader, time: point.time, key: true }, arrivedMs, true);
  }
}

function follow(log: BroadcastLog, from: number, to: number): AsyncIterable<Uint8Array> {
  return log.follow({ from, until: () => to, signal: new AbortController().signal });
}
