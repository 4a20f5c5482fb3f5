const NAME = "millrace.chat.name";
const KEY = "millrace.chat.key";
const CLOSED = "millrace.chat.closed";

/** Where something is kept from one visit to the next; `localStorage` fits. */
export interface ChatStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** What the browser remembers of somebody who chats. A browser that keeps nothing forgets it with the page. */
export class ChatIdentity {
  readonly #store: ChatStore;
  readonly #here = new Map<string, string>();

  constructor(store: ChatStore) {
    this.#store = store;
  }

  get name(): string {
    return this.#get(NAME) ?? "";
  }

  set name(name: string) {
    this.#set(NAME, name);
  }

  /** A secret that makes all tabs of this browser one person. */
  get key(): string {
    const known = this.#get(KEY);
    if (known !== undefined && /^[\w-]{16,64}$/.test(known)) return known;
    const key = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    this.#set(KEY, key);
    return key;
  }

  /** Whether the viewer wants to see only the picture. */
  get isClosed(): boolean {
    return this.#get(CLOSED) === "1";
  }

  set isClosed(isClosed: boolean) {
    this.#set(CLOSED, isClosed ? "1" : "0");
  }

  #get(name: string): string | undefined {
    try {
      return this.#store.getItem(name) ?? this.#here.get(name);
    } catch {
      return this.#here.get(name);
    }
  }

  #set(name: string, value: string): void {
    this.#here.set(name, value);
    try {
      this.#store.setItem(name, value);
    } catch {
      // It is kept as long as the page.
    }
  }
}
