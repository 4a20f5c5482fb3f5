import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Catalog } from "../../server/recordings/catalog.ts";
import { type BroadcastRecord, mediaNames } from "../../server/recordings/record.ts";
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

/** A catalog over an empty folder. */
export async function testCatalog(): Promise<{ catalog: Catalog; folder: TempFolder }> {
  const folder = await tempFolder();
  return { catalog: new Catalog(join(folder.path, "recordings")), folder };
}

/** Puts a recording with its archive into a catalog; returns its folder. */
export async function putRecording(catalog: Catalog, record: BroadcastRecord, source: Uint8Array): Promise<string> {
  const folder = catalog.folderOf(record);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, mediaNames(record.container).source), source);
  await catalog.write(record);
  return folder;
}
