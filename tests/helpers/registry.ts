import { join } from "node:path";
import type { Broadcast } from "../../server/broadcast/broadcast.ts";
import { FileStore } from "../../server/broadcast/log/log-store.ts";
import { BroadcastRegistry, type RegistryOptions } from "../../server/broadcast/registry.ts";
import { tempFolder } from "./temp-folder.ts";

/** A registry whose broadcasts lie in a folder of their own, and all that began in it. */
export interface TestRegistry extends AsyncDisposable {
  readonly registry: BroadcastRegistry;
  readonly begun: readonly Broadcast[];
  readonly folder: string;
  /** Path of a broadcast's `source` or `index`. */
  pathOf(id: string, file: "source" | "index"): string;
}

export async function testRegistry(options: Partial<RegistryOptions> = {}): Promise<TestRegistry> {
  const folder = await tempFolder();
  const begun: Broadcast[] = [];
  const pathOf = (id: string, file: string) => join(folder.path, id, file);
  const registry = new BroadcastRegistry({
    maxBroadcasts: 10,
    resumeMs: 30_000,
    maxKbps: 10_000_000,
    place: async ({ id }) => ({ store: await FileStore.create(pathOf(id, "source")), indexPath: pathOf(id, "index") }),
    onBegin: (broadcast) => begun.push(broadcast),
    ...options,
  });
  return {
    registry,
    begun,
    folder: folder.path,
    pathOf,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await Promise.all(begun.map((broadcast) => broadcast.log[Symbol.asyncDispose]()));
      await folder[Symbol.asyncDispose]();
    },
  };
}
