import { join } from "node:path";
import { linesOf } from "../../core/lines.ts";

/** When the bytes from an offset on arrived. */
export interface Arrival {
  readonly offset: number;
  /** Unix time in ms. */
  readonly atMs: number;
}

const ARRIVAL = /^a (\d{1,16}) (\d{1,16}(?:\.\d{1,9})?)$/;

/** What the index in a recording's folder tells of arrivals, oldest first; lines that are cut are left out. */
export async function* readArrivals(folder: string): AsyncGenerator<Arrival, void, void> {
  for await (const line of linesOf(join(folder, "index"))) {
    const [, offset, atMs] = ARRIVAL.exec(line) ?? [];
    if (offset !== undefined && atMs !== undefined) yield { offset: Number(offset), atMs: Number(atMs) };
  }
}
