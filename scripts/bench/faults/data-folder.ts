import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MOUNT_MIB = 2048;
/** What is left when the next larger block does not fit any more is filled with smaller ones. */
const BLOCK_BYTES = [16 * 1024 * 1024, 64 * 1024, 4096, 1];

/** A folder for the server's data: on a disk of its own, which can be filled, where this machine lets one be mounted. */
export class DataFolder implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), "millrace-faults-"));
  readonly isOwnDisk = mount(this.path);
  readonly #filler = join(this.path, "filler");

  /** Takes what room there is. */
  fill(): void {
    for (const bytes of BLOCK_BYTES) {
      const block = Buffer.alloc(bytes);
      while (append(this.#filler, block));
    }
  }

  /** Gives the room back. */
  clear(): void {
    rmSync(this.#filler, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isOwnDisk) execFileSync("umount", [this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}

function mount(path: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${MOUNT_MIB}m`, "tmpfs", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function append(path: string, block: Uint8Array): boolean {
  try {
    appendFileSync(path, block);
    return true;
  } catch {
    return false;
  }
}
