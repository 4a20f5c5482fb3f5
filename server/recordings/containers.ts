import { linesOf } from "../core/lines.ts";

const KINDS = ["webm", "matroska", "mp4", "flv", "frames"] as const;

/** One container within an archive, as its index tells of it: the bytes [start, end). */
export interface ArchivedContainer {
  readonly kind: (typeof KINDS)[number];
  readonly start: number;
  readonly end: number;
}

const EPOCH = new RegExp(`^e (\\d{1,16}) (\\d{1,16}) (${KINDS.join("|")})$`);
const CUT = /^(restart|open) (\d{1,16})(?: |$)/;

/** The containers in an archive of `bytes` bytes, in their order; none when the index does not tell. */
export async function readContainers(indexPath: string, bytes: number): Promise<ArchivedContainer[]> {
  const begins = new Map<number, ArchivedContainer["kind"]>();
  const cuts = new Set<number>();
  try {
    for await (const line of linesOf(indexPath)) {
      const [, offset, , kind] = EPOCH.exec(line) ?? [];
      const container = KINDS.find((each) => each === kind);
      if (container !== undefined) begins.set(Number(offset), container);
      const [, word, at] = CUT.exec(line) ?? [];
      if (word === "restart") cuts.add(Number(at));
      // What stands above of bytes behind these is void.
      else if (word === "open") for (const known of begins.keys()) if (known >= Number(at)) begins.delete(known);
    }
  } catch {
    return [];
  }
  const starts = [...begins].filter(([start]) => start < bytes).toSorted(([a], [b]) => a - b);
  const ends = [...begins.keys(), ...cuts, bytes].toSorted((a, b) => a - b);
  return starts.map(([start, kind]) => ({ kind, start, end: ends.find((end) => end > start) ?? bytes }));
}
