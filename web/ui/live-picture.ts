import { channelAddresses } from "./addresses.ts";
import { make } from "./dom.ts";

/** What a channel looks like now: its newest preview image, or a plain surface where there is none. */
export class LivePicture {
  readonly element: HTMLElement;
  readonly #image = make("img", { alt: "", hidden: true });
  readonly #address: string;
  #tag: string | undefined;

  /** `token` is that of a link, where one is needed. */
  constructor(channel: string, token?: string) {
    const { preview, watch } = channelAddresses(location, channel, token);
    this.#address = preview;
    // The card has a link with words to the same place.
    this.element = make("a", { class: "picture", href: watch, tabindex: "-1", "aria-hidden": "true" }, this.#image);
    this.#image.addEventListener("load", () => {
      this.#image.hidden = false;
    });
  }

  /** Fetches the newest image, if it can be seen and is another than before. Never rejects. */
  async refresh(): Promise<void> {
    if (!isOnScreen(this.element)) return;
    try {
      const response = await fetch(this.#address, { cache: "no-cache" });
      const tag = response.headers.get("etag") ?? undefined;
      if (!response.ok) this.#image.hidden = true;
      else if (tag === undefined || tag !== this.#tag) this.#show(await response.blob());
      this.#tag = response.ok ? tag : undefined;
    } catch {
      // The list says that the server cannot be reached; the last image stays.
    }
  }

  /** Lets go of the image. */
  close(): void {
    URL.revokeObjectURL(this.#image.src);
  }

  #show(image: Blob): void {
    const before = this.#image.src;
    this.#image.src = URL.createObjectURL(image);
    URL.revokeObjectURL(before);
  }
}

/** The pictures of all channels that are live. They outlive their cards, which are made anew with every change. */
export class LivePictures {
  readonly #pictures = new Map<string, LivePicture>();

  /** The picture of one channel, to be put into its card. */
  of(channel: string, token?: string): HTMLElement {
    const known = this.#pictures.get(channel);
    if (known !== undefined) return known.element;
    const picture = new LivePicture(channel, token);
    this.#pictures.set(channel, picture);
    // When its card is on the page.
    requestAnimationFrame(() => void picture.refresh());
    return picture.element;
  }

  /** Forgets all channels but these. */
  keep(channels: readonly string[]): void {
    for (const [channel, picture] of this.#pictures) {
      if (channels.includes(channel)) continue;
      picture.close();
      this.#pictures.delete(channel);
    }
  }

  /** Brings all that can be seen up to date; a page that is hidden asks for nothing. */
  async refresh(): Promise<void> {
    if (document.hidden) return;
    await Promise.all([...this.#pictures.values()].map((picture) => picture.refresh()));
  }
}

function isOnScreen(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return element.isConnected && bottom > 0 && top < innerHeight;
}
