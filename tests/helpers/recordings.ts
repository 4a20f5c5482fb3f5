import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { JOURNAL_NAME } from "../../server/packaging/journal.ts";
import { Catalog } from "../../server/recordings/catalog.ts";
import { type BroadcastRecord, mediaNames } from "../../server/recordings/record.ts";
import { eventually } from "./eventually.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

/** A finished recording, with what does not matter to a test. */
export function recordOf(rest: Partial<BroadcastRecord> & { readonly id: string }): BroadcastRecord {
  return {
    channel: "channel",
    container: "webm",
    startedAt: "2026-01-02T03:04:05.000Z",
    endedAt: "2026-01-02T03:05:05.000Z",
    durationMs: 60_000,
    bytes: 1_000,
    state: "finished",
    ...rest,
  };
}

/** A catalog, in a folder that goes with it. */
export interface TestCatalog extends AsyncDisposable {
  readonly catalog: Catalog;
  readonly folder: TempFolder;
}

/** A catalog over an empty folder. */
export async function testCatalog(): Promise<TestCatalog> {
  const folder = await tempFolder();
  const catalog = new Catalog(join(folder.path, "recordings"));
  return { catalog, folder, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Waits until what is live has a segment of its picture and one of its sound on the disk: a crash does not lose those. */
export async function segmentsIn(folder: string): Promise<void> {
  await eventually("both tracks have a segment on the disk", async () => {
    const journal = await readFile(join(folder, JOURNAL_NAME), "utf8").catch(() => "");
    return journal.includes('"track":"video0"') && journal.includes('"track":"audio0"');
  });
}

/** Puts a recording with its archive into a catalog; returns its folder. */
export async function putRecording(catalog: Catalog, record: BroadcastRecord, source: Uint8Array): Promise<string> {
  const folder = catalog.folderOf(record);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, mediaNames(record.container).source), source);
  await catalog.write(record);
  return folder;
}
