import { copyFile, link, mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/** Gives a file a second name; makes a copy where that cannot be, as on another disk. Makes the folder. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}
