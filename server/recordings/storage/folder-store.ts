import { createReadStream } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type FileToKeep, type KeptFile, type Store, StoreError } from "./store.ts";

/** Keeps recordings in another folder, such as a mounted disk of another machine. */
export class FolderStore implements Store {
  readonly name: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.name = `the folder ${root}`;
  }

  async put(key: string, { path }: FileToKeep): Promise<void> {
    const to = this.#pathOf(key);
    const temporary = `${to}.part`;
    await mkdir(dirname(to), { recursive: true });
    try {
      await copyFile(path, temporary);
      const [there, here] = await Promise.all([stat(temporary), stat(path)]);
      if (there.size !== here.size) throw new StoreError(`${key} did not arrive whole`, true);
      await rename(temporary, to);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async get(key: string, range: string | undefined): Promise<KeptFile | undefined> {
    const path = this.#pathOf(key);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) return undefined;
    const part = rangeOf(range, found.size);
    if (part === undefined) return { status: 200, bytes: found.size, range: undefined, body: createReadStream(path) };
    const { start, end } = part;
    const contentRange = `bytes ${start}-${end}/${found.size}`;
    return { status: 206, bytes: end - start + 1, range: contentRange, body: createReadStream(path, { start, end }) };
  }

  async delete(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  #pathOf(key: string): string {
    const path = join(this.#root, key);
    const below = relative(this.#root, path);
    if (below === "" || below.startsWith("..")) throw new StoreError(`${key} leads out of ${this.name}`, false);
    return path;
  }
}

/** One range of bytes, both ends included (RFC 9110 §14.1.2); undefined when it is none, or several. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [isRange, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (isRange === undefined || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(size - 1, Number(last));
  return start <= end ? { start, end } : undefined;
}
