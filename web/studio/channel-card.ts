import type { Channel, LiveBroadcast } from "../../server/protocol/api.ts";
import type { BroadcastStats } from "../../server/protocol/stats.ts";
import { channelAddresses } from "../ui/addresses.ts";
import { make, setText } from "../ui/dom.ts";
import { channelState } from "./channel-state.ts";
import { Figures } from "./figures.ts";
import { cardFigures } from "./live-figures.ts";
import { onClick } from "./on-click.ts";

/** What a card shows. */
export interface CardContent {
  readonly channel: Channel;
  readonly stats: BroadcastStats | undefined;
  /** What it looks like now; undefined when it is not live. */
  readonly picture: HTMLElement | undefined;
  readonly token: string | undefined;
}

/** One channel in the list of all. Its elements stay, so that nothing loses the focus when figures change. */
export class ChannelCard {
  readonly element: HTMLElement;
  readonly #picture = make("div", {});
  readonly #title: HTMLElement;
  readonly #name: HTMLElement;
  readonly #state = make("p", { class: "status" });
  readonly #list = make("dl", { class: "figures" });
  readonly #figures = new Figures(this.#list);
  readonly #watch: HTMLAnchorElement;
  readonly #stop: HTMLButtonElement;
  #broadcast: LiveBroadcast | undefined;

  constructor(name: string, onStop: (broadcast: LiveBroadcast) => Promise<void>) {
    const { capture } = channelAddresses(location, name);
    this.#title = make("a", { class: "card-title", href: `/studio/${name}` });
    this.#name = make("p", { class: "hint" }, name);
    this.#watch = make("a", { class: "button", "aria-label": `Watch ${name}` }, "Watch");
    const publish = make("a", { href: capture, "aria-label": `Publish to ${name}` }, "Publish");
    this.#stop = make("button", { type: "button", class: "tool danger-text", "aria-label": `Stop ${name}` }, "Stop");
    onClick(this.#stop, async () => {
      if (this.#broadcast !== undefined) await onStop(this.#broadcast);
    });
    this.element = make(
      "li",
      { class: "card", "data-channel": name },
      this.#picture,
      make("h3", {}, this.#title),
      this.#name,
      this.#state,
      this.#list,
      make("p", { class: "links" }, this.#watch, publish, this.#stop),
    );
  }

  show({ channel, stats, picture, token }: CardContent, nowMs: number): void {
    const { name, title, broadcast } = channel;
    const { state, text } = channelState(channel, nowMs);
    this.#broadcast = broadcast ?? undefined;
    this.element.dataset.live = String(channel.live);
    setText(this.#title, title === "" ? name : title);
    this.#name.hidden = title === "";
    this.#state.dataset.state = state;
    setText(this.#state, text);
    this.#watch.href = channelAddresses(location, name, token).watch;
    this.#stop.hidden = !channel.live;
    this.#list.hidden = stats === undefined;
    if (stats !== undefined) this.#figures.show(cardFigures(stats));
    if (picture === undefined) this.#picture.replaceChildren();
    else if (picture.parentElement !== this.#picture) this.#picture.replaceChildren(picture);
  }
}
