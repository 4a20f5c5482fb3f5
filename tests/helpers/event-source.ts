import { type ServerEvent, serverEvent } from "../../server/protocol/events.ts";
import { eventually } from "./eventually.ts";

/** A client of the server-sent events, with what it has heard. Dispose it to hang up. */
export class EventSource implements Disposable {
  readonly heard: ServerEvent[] = [];
  readonly #stop = new AbortController();

  /** Resolves when the server has answered. `query` such as `?channel=x`; `lastId` of an earlier connection. */
  static async connect(url: string, query = "", lastId?: number): Promise<EventSource> {
    const source = new EventSource();
    const headers = lastId === undefined ? {} : { "last-event-id": String(lastId) };
    const response = await fetch(`${url}/api/v1/events${query}`, { headers, signal: source.#stop.signal });
    if (response.status !== 200 || response.body === null) throw new Error(`events: ${response.status}`);
    void source.#read(response.body).catch(() => {});
    return source;
  }

  /** Waits until an event of this type has come. */
  async hears(type: ServerEvent["type"], isIt: (event: ServerEvent) => boolean = () => true): Promise<ServerEvent> {
    const find = () => this.heard.find((event) => event.type === type && isIt(event));
    await eventually(`${type} is heard`, () => find() !== undefined);
    return find() ?? Promise.reject(new Error("unreachable"));
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const piece of body) {
      text += decoder.decode(piece, { stream: true });
      const messages = text.split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data !== undefined) this.heard.push(serverEvent.parse(JSON.parse(data)));
      }
    }
  }
}
