import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of the repository, by its path from the root. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** The repository's root. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** All TypeScript below a folder of the repository. */
export function sourcesBelow(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readSource(join(folder, name)));
}

/** One file by its path from the root. */
export function readSource(file: string): Source {
  return { file, text: readFileSync(join(root, file), "utf8") };
}
