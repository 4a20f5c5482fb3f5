import type { Config } from "../config.ts";
import type { ApiOptions } from "../control/api.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { DiskFloor } from "../core/disk.ts";
import type { NamedSources } from "../ingest/sources/named-sources.ts";
import type { Sources } from "../ingest/sources/sources.ts";
import type { ServerSetup } from "../protocol/server.ts";
import type { Broadcasting } from "./broadcasting.ts";
import type { ChatRooms } from "./chat-rooms.ts";
import type { LiveStatistics } from "./live-statistics.ts";
import type { KeptRecordings } from "./recording-keeping.ts";

/** What the API shows and changes. */
export interface ApiParts {
  readonly config: Config;
  readonly control: ControlPlane;
  readonly kept: KeptRecordings;
  readonly broadcasting: Broadcasting;
  readonly sources: Sources;
  readonly named: NamedSources;
  readonly floor: DiskFloor;
  readonly chat: ChatRooms | undefined;
  readonly figures: LiveStatistics;
  readonly setup: () => ServerSetup;
  readonly onWatchChanged: (channel: string) => void;
}

/** Gathers it from all stages. */
export function apiOf({
  config,
  control,
  kept,
  broadcasting,
  sources,
  named,
  floor,
  chat,
  figures,
  setup,
  onWatchChanged,
}: ApiParts): ApiOptions {
  const { registry, publishing } = broadcasting;
  const { admin, events, channels: store, keys, links, watching, hooks } = control;
  return {
    ...{ admin, events, store, keys, links, watching, hooks, figures, setup, onWatchChanged },
    sources: named,
    recordings: kept.recordings,
    chat: chat?.hub,
    channels: {
      onOffer: () => sources.onOffer,
      list: () => broadcasting.states,
      on: (channel) => broadcasting.stateOn(channel),
    },
    liveIds: () => registry.live.map(({ id }) => id),
    stop: (id, why) => registry.stop(id, why),
    stopChannel: (channel, why) => registry.stop(registry.on(channel)?.id ?? "", why),
    onRevoked: (keyId) => publishing.revoked(keyId),
    problems: async () => [
      ...((await floor.look()).isLow ? ["too little of the disk is free"] : []),
      ...(registry.live.length >= config.maxBroadcasts ? ["all places for broadcasts are taken"] : []),
    ],
  };
}
