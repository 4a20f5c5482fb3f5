import { make } from "../ui/dom.ts";

const ALL = "";

/** Chooses whose recordings are listed; the address of the page says so, too. */
export class ChannelPick {
  readonly #select: HTMLSelectElement;
  #chosen: string | undefined;
  #offered = "";

  constructor(select: HTMLSelectElement, chosen: string | undefined) {
    this.#select = select;
    this.#chosen = chosen;
    this.offer([]);
  }

  /** Undefined: all channels. */
  get chosen(): string | undefined {
    return this.#chosen;
  }

  onChange(listener: () => void): void {
    this.#select.addEventListener("change", () => {
      this.#chosen = this.#select.value === ALL ? undefined : this.#select.value;
      const address = new URL(location.href);
      if (this.#chosen === undefined) address.searchParams.delete("channel");
      else address.searchParams.set("channel", this.#chosen);
      history.replaceState(undefined, "", address);
      listener();
    });
  }

  /** The channels that there are, in any order and any number of times; the chosen one always. */
  offer(channels: readonly string[]): void {
    const names = [...new Set([...channels, ...(this.#chosen === undefined ? [] : [this.#chosen])])].toSorted();
    const offered = names.join(" ");
    if (offered === this.#offered && this.#select.options.length > 0) return;
    this.#offered = offered;
    const options = names.map((name) => make("option", { value: name }, name));
    this.#select.replaceChildren(make("option", { value: ALL }, "All"), ...options);
    this.#select.value = this.#chosen ?? ALL;
  }
}
