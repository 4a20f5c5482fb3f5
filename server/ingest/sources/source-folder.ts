import { realpath, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { LiveError } from "../../core/errors.ts";

/** The folder below which all files of sources lie. Nothing outside of it can be named, also not by a link in it. */
export class SourceFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** The real path of a file or folder; rejects with words for who named it. */
  async find(path: string, kind: "file" | "folder"): Promise<string> {
    const root = await realpath(this.#root).catch(() => {
      throw new LiveError("not_found", "the folder of the sources (MILLRACE_SOURCES_DIR) is not there");
    });
    const missing = () => new LiveError("not_found", `there is no ${kind} ${path} below MILLRACE_SOURCES_DIR`);
    const found = path.includes("\0") ? undefined : await realpath(resolve(root, path)).catch(() => undefined);
    // What lies elsewhere is answered like what is not there at all.
    if (found === undefined || !isWithin(root, found)) throw missing();
    const what = await stat(found).catch(() => undefined);
    if (kind === "file" ? what?.isFile() !== true : what?.isDirectory() !== true) throw missing();
    return found;
  }
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && resolve(root, way) === path;
}
