import type { Config } from "../config.ts";
import { formatLadderEntry } from "../protocol/ladder.ts";
import type { ServerSetup } from "../protocol/server.ts";
import type { TcpAddresses } from "./tcp-doors.ts";

const MEGABYTE = 1_000_000;

/** How the server is set up, for the studio. `tcp` has the ports that are bound. */
export function setupOf(config: Config, { rtmpUrl, framesUrl }: TcpAddresses): ServerSetup {
  return {
    publish: config.publish,
    ladder: config.ladder.map(formatLadderEntry).join(","),
    record: config.record,
    rtmpPort: portOf(rtmpUrl),
    framesPort: portOf(framesUrl),
    maxKeyIntervalSeconds: config.maxKeyIntervalSeconds,
    minFreeBytes: config.minFreeMb * MEGABYTE,
  };
}

function portOf(url: string | undefined): number | null {
  return url === undefined ? null : Number(new URL(url).port);
}
