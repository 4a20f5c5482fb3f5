import type { Spill } from "../../web/capture/spill.ts";

/** A disk of a few bytes, with its files in the order in which they were written. */
export interface MemorySpill extends Spill {
  readonly files: Map<number, Blob>;
  /** Lets the oldest write that waits be done, or fail; false when none waits. */
  finish(how?: "written" | "refused"): boolean;
  readonly isClosed: boolean;
}

/** A stand-in for the browser's disk: Node has none of this kind. Writes wait until the test lets them be done. */
export function memorySpill(maxBytes = Number.POSITIVE_INFINITY): MemorySpill {
  const files = new Map<number, Blob>();
  const waiting: ((how: "written" | "refused") => void)[] = [];
  let written = 0;
  let isClosed = false;
  return {
    maxBytes,
    files,
    get isClosed() {
      return isClosed;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        waiting.push((how) => {
          if (how === "refused") return reject(new Error("the disk is full"));
          const name = written++;
          files.set(name, bytes);
          resolve({ bytes, remove: () => void files.delete(name) });
        });
      }),
    finish(how = "written") {
      const done = waiting.shift();
      done?.(how);
      return done !== undefined;
    },
    close: () => {
      isClosed = true;
    },
  };
}
