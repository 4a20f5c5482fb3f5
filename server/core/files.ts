import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeOf } from "./errors.ts";

/** Ending of the names of files that are not complete yet. */
const TEMPORARY = ".part";

/**
 * Writes a file so that it appears complete: under a temporary name, then renamed. Makes its folder. A `durable` one
 * survives a power cut from the moment on at which this resolves. `mode`: who may read it, if not everybody.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  { durable = false, mode }: { readonly durable?: boolean; readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${path}${TEMPORARY}`;
  try {
    await using file = await openNew(temporary, mode);
    await file.writeFile(content);
    if (durable) await file.sync();
    await rename(temporary, path);
  } catch (error) {
    // On a full disk even half a file is too much.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/** The folder is nearly always there: it is made only for a file that cannot be opened without. */
async function openNew(path: string, mode: number | undefined): Promise<FileHandle> {
  try {
    return await open(path, "w", mode);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, "w", mode);
  }
}

/** Removes what a crash left half written below a folder. */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const temporaries = names.filter((name) => name.endsWith(TEMPORARY));
  await Promise.all(temporaries.map((name) => rm(join(folder, name), { force: true })));
}

/** Names are safe when the folder that has them is. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
