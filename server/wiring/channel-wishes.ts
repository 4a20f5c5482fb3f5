import type { Config } from "../config.ts";
import type { ChannelStore } from "../control/channels/channel-store.ts";
import type { Grant } from "../control/permission/publish-permission.ts";
import type { ChannelTable } from "../protocol/channel-table.ts";
import { PLAIN_CHANNEL } from "../protocol/channels.ts";
import { parseLadder } from "../protocol/ladder.ts";
import type { KeepRule } from "../recordings/surplus.ts";

/** Who says how channels shall be. */
export interface ChannelWishesParts {
  readonly config: Config;
  readonly channels: Pick<ChannelStore, "get">;
  /** Named in the configuration file. */
  readonly inFile: ChannelTable;
}

/**
 * How each channel and broadcast shall be: what the publisher was let in with goes first, then what the channel's owner
 * wants, then the configuration file, then the settings.
 */
export class ChannelWishes {
  readonly #parts: ChannelWishesParts;

  constructor(parts: ChannelWishesParts) {
    this.#parts = parts;
  }

  /** The renditions and preview images of a broadcast on `channel`. */
  encoding(channel: string, { ladder, previews }: Grant): Pick<Config, "ladder" | "previews"> {
    const { config, channels, inFile } = this.#parts;
    const wanted = ladder ?? channels.get(channel)?.ladder ?? undefined;
    return {
      ladder: wanted === undefined ? (inFile[channel]?.ladder ?? config.ladder) : parseLadder(wanted),
      previews: previews === false ? undefined : config.previews,
    };
  }

  /** Whether broadcasts are kept; undefined leaves that to the settings. */
  isKept(channel: string): boolean | undefined {
    return this.#parts.channels.get(channel)?.record ?? undefined;
  }

  /** How long recordings are kept, and how many. */
  keepRule(channel: string): KeepRule {
    const { perChannel } = this.#parts.config.keep;
    const own = this.#parts.channels.get(channel);
    return { ...perChannel, days: own?.keepDays ?? perChannel.days, count: own?.keepCount ?? perChannel.count };
  }

  /** What everybody may know of a channel; undefined: nothing. */
  about(channel: string): { readonly title: string; readonly description: string } | undefined {
    const { title, description, watch } = this.#parts.channels.get(channel) ?? PLAIN_CHANNEL;
    return watch === "open" ? { title: title === "" ? channel : title, description } : undefined;
  }
}
