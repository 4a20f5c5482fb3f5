/** One message of an event stream. */
export interface StreamMessage {
  readonly id: string | undefined;
  readonly data: string;
}

/** A server that sends more without an end of a message is not ours. */
const MAX_UNFINISHED = 1024 * 1024;

/** Cuts messages out of the text of an event stream (WHATWG HTML §9.2.6), however it arrives. */
export class EventParser {
  #rest = "";

  /** Takes the next piece of text and returns the messages that it completes. Throws when one never ends. */
  take(text: string): StreamMessage[] {
    // A line end that is torn apart is one all the same.
    const all = this.#rest + text;
    const isTorn = all.endsWith("\r");
    const blocks = (isTorn ? all.slice(0, -1) : all).replaceAll(/\r\n?/g, "\n").split("\n\n");
    this.#rest = (blocks.pop() ?? "") + (isTorn ? "\r" : "");
    if (this.#rest.length > MAX_UNFINISHED) throw new Error("a message of the event stream has no end");
    return blocks.flatMap(messageOf);
  }
}

function messageOf(block: string): StreamMessage[] {
  const fields = block.split("\n").map((line) => /^([^:]*):? ?(.*)$/.exec(line) ?? []);
  const values = (wanted: string) => fields.flatMap(([, name, value]) => (name === wanted ? [value ?? ""] : []));
  const data = values("data");
  // Heartbeats are comments.
  return data.length === 0 ? [] : [{ id: values("id").at(-1), data: data.join("\n") }];
}
