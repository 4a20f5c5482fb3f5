import type { Channel, LiveBroadcast } from "../../server/protocol/api.ts";
import type { BroadcastStats } from "../../server/protocol/stats.ts";
import { find } from "../ui/dom.ts";
import { LivePictures } from "../ui/live-picture.ts";
import { ChannelCard } from "./channel-card.ts";
import { byImportance } from "./channel-state.ts";
import type { WatchTokens } from "./watch-tokens.ts";

/** The cards of all channels. */
export class ChannelCards {
  readonly #list = find("#channels", HTMLElement);
  readonly #cards = new Map<string, ChannelCard>();
  readonly #pictures = new LivePictures();
  readonly #tokens: WatchTokens;
  readonly #onStop: (broadcast: LiveBroadcast) => Promise<void>;

  constructor(tokens: WatchTokens, onStop: (broadcast: LiveBroadcast) => Promise<void>) {
    this.#tokens = tokens;
    this.#onStop = onStop;
  }

  show(channels: readonly Channel[], stats: readonly BroadcastStats[], nowMs: number): void {
    const ordered = byImportance(channels);
    for (const [name, card] of this.#cards) {
      if (ordered.some((channel) => channel.name === name)) continue;
      card.element.remove();
      this.#cards.delete(name);
    }
    ordered.forEach((channel, index) => {
      const card = this.#cardOf(channel.name);
      const token = this.#tokens.of(channel);
      const picture = channel.live ? this.#pictures.of(channel.name, token) : undefined;
      const own = stats.find(({ broadcast }) => broadcast === channel.broadcast?.id);
      card.show({ channel, stats: own, picture, token }, nowMs);
      const there = this.#list.children[index];
      if (there !== card.element) this.#list.insertBefore(card.element, there ?? null);
    });
    this.#pictures.keep(ordered.filter(({ live }) => live).map(({ name }) => name));
    find("#channels-empty", HTMLElement).hidden = ordered.length > 0;
  }

  /** Brings the pictures up to date. */
  refreshPictures(): Promise<void> {
    return this.#pictures.refresh();
  }

  #cardOf(name: string): ChannelCard {
    const known = this.#cards.get(name);
    if (known !== undefined) return known;
    const card = new ChannelCard(name, this.#onStop);
    this.#cards.set(name, card);
    return card;
  }
}
