import { WatchLinks } from "../../server/control/permission/watch-links.ts";
import { Secret } from "../../server/core/secret.ts";

/** Links whose generations are remembered as long as they are. */
export function watchLinks(secret: string): WatchLinks {
  const generations = new Map<string, number>();
  const of = (channel: string) => generations.get(channel) ?? 0;
  return new WatchLinks(new Secret(secret), {
    of,
    renew: (channel) => void generations.set(channel, of(channel) + 1),
  });
}
