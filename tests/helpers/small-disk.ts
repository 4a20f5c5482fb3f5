import { execFileSync } from "node:child_process";
import { type FileHandle, mkdir, open, rm, stat, statfs, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

/** A disk of its own that can be filled up and emptied again. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Whether it is a file system, and not a stand-in. */
  readonly isReal: boolean;
  /** Nothing but about `leavingBytes` can be written any more. */
  fill(leavingBytes?: number): Promise<void>;
  /** There is room again. */
  empty(): Promise<void>;
}

/** A real file system of `megabytes` in memory where one may be mounted, else a stand-in within this process. */
export async function smallDisk(megabytes = 64): Promise<SmallDisk> {
  const folder = await tempFolder();
  try {
    const kinds = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "millrace-test", folder.path];
    execFileSync("mount", kinds, { stdio: "ignore" });
  } catch {
    return standInDisk(folder);
  }
  return tmpfs(folder);
}

function tmpfs(folder: TempFolder): SmallDisk {
  const ballast = join(folder.path, "ballast");
  return {
    path: folder.path,
    isReal: true,
    async fill(leavingBytes = 0) {
      const { bavail, bsize } = await statfs(folder.path);
      // More than there is room for: what others write meanwhile does not matter.
      await writeFile(ballast, new Uint8Array((bavail + 1) * bsize)).catch(() => {});
      const { size } = await stat(ballast);
      await truncate(ballast, size - leavingBytes);
    },
    empty: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      execFileSync("umount", ["-l", folder.path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

type Writer = "writev" | "writeFile" | "appendFile";

/** What this process writes to files goes wrong as on a full disk: half of it is taken. */
async function standInDisk(folder: TempFolder): Promise<SmallDisk> {
  await mkdir(folder.path, { recursive: true });
  const probe = await open(join(folder.path, "probe"), "w");
  const prototype: Pick<FileHandle, Writer | "write"> = Object.getPrototypeOf(probe);
  const { writev, writeFile: whole, appendFile } = prototype;
  await probe.close();
  let isFull = false;
  const half = async (file: FileHandle, bytes: Buffer) => {
    await file.write(bytes.subarray(0, Math.floor(bytes.byteLength / 2)));
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  const patched: Partial<Record<Writer, unknown>> = {
    writev(this: FileHandle, chunks: readonly Uint8Array[]) {
      return isFull ? half(this, Buffer.concat(chunks)) : writev.call(this, chunks);
    },
    writeFile(this: FileHandle, content: Uint8Array | string) {
      return isFull ? half(this, Buffer.from(content)) : whole.call(this, content);
    },
    appendFile(this: FileHandle, content: Uint8Array | string) {
      return isFull ? half(this, Buffer.from(content)) : appendFile.call(this, content);
    },
  };
  Object.assign(prototype, patched);
  return {
    path: folder.path,
    isReal: false,
    async fill() {
      isFull = true;
    },
    async empty() {
      isFull = false;
    },
    async [Symbol.asyncDispose]() {
      Object.assign(prototype, { writev, writeFile: whole, appendFile });
      await folder[Symbol.asyncDispose]();
    },
  };
}
