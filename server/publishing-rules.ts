import type { BroadcastRegistry } from "./broadcast/registry.ts";
import type { Config } from "./config.ts";
import type { DiskFloor } from "./core/disk.ts";
import { LiveError } from "./core/errors.ts";
import type { Publishing } from "./ingest/publishing.ts";

/** Who may publish (contract §8). */
export function publishingRules(registry: BroadcastRegistry, floor: DiskFloor, config: Config): Publishing {
  const checkKey = () => {
    if (config.publish === "open") return;
    throw new LiveError("bad_key", `publishing needs a key here (MILLRACE_PUBLISH=${config.publish})`);
  };
  return {
    check: async (channel) => {
      checkKey();
      await floor.check();
      await registry.check(channel);
    },
    publish: (channel, _key, scanner) => {
      checkKey();
      return registry.publish(channel, { scanner });
    },
    begin: async (channel) => {
      checkKey();
      await floor.check();
      return registry.begin(channel);
    },
    resume: async (channel, _key, { broadcast, token }) => {
      checkKey();
      return registry.resume(channel, broadcast, token);
    },
  };
}
