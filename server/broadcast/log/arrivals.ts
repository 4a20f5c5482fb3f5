import { open } from "node:fs/promises";
import { join } from "node:path";

/** When the bytes from an offset on arrived. */
export interface Arrival {
  readonly offset: number;
  /** Unix time in ms. */
  readonly atMs: number;
}

const ARRIVAL = /^a (\d{1,16}) (\d{1,16}(?:\.\d{1,9})?)$/;

/** What the index in a recording's folder tells of arrivals, oldest first; lines that are cut are left out. */
export async function* readArrivals(folder: string): AsyncGenerator<Arrival, void, void> {
  await using file = await open(join(folder, "index"));
  for await (const line of file.readLines()) {
    const [, offset, atMs] = ARRIVAL.exec(line) ?? [];
    if (offset !== undefined && atMs !== undefined) yield { offset: Number(offset), atMs: Number(atMs) };
  }
}
