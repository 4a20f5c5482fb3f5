import type { BroadcastRegistry } from "../../server/broadcast/registry.ts";
import type { Publisher, Publishing } from "../../server/ingest/publishing.ts";

/** Lets in everybody whom `check` does not refuse, into a real registry. */
export function publishingInto(registry: BroadcastRegistry, check: (who: Publisher) => void = () => {}): Publishing {
  return {
    admit: async (who) => {
      check(who);
      await registry.check(who.channel);
      return { publish: (scanner) => registry.publish(who.channel, { scanner }) };
    },
    begin: async ({ channel }) => registry.begin(channel),
    resume: async ({ channel }, { broadcast, token }) => registry.resume(channel, broadcast, token),
  };
}
