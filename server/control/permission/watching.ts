import { isLiveError, messageOf } from "../../core/errors.ts";
import type { MadeChannel } from "../../protocol/channels.ts";
import type { WatchLinks } from "./watch-links.ts";

/** Who may watch which channel, live or recorded. */
export class Watching {
  readonly #channels: { get(name: string): MadeChannel | undefined };
  readonly #links: Pick<WatchLinks, "check">;

  constructor(channels: { get(name: string): MadeChannel | undefined }, links: Pick<WatchLinks, "check">) {
    this.#channels = channels;
    this.#links = links;
  }

  /** Whether everybody may know of a channel. */
  isOpen(channel: string): boolean {
    return this.#channels.get(channel)?.watch !== "link";
  }

  /** Throws `bad_key` when a channel may not be watched with this token. */
  check(channel: string, token: string | undefined): void {
    if (!this.isOpen(channel)) this.#links.check(channel, token);
  }

  /** Why a channel may not be watched with this token; null when it may. */
  refusal(channel: string, token: string | undefined): string | null {
    try {
      this.check(channel, token);
      return null;
    } catch (error) {
      if (isLiveError(error, "bad_key")) return messageOf(error);
      throw error;
    }
  }
}
