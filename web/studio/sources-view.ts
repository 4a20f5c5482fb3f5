import type { Source, SourceChannel } from "../../server/protocol/sources.ts";
import { find } from "../ui/dom.ts";
import type { Studio } from "./studio.ts";
import { Table } from "./table.ts";

const STATE_WORDS: Readonly<Record<SourceChannel["state"], string>> = {
  idle: "until somebody watches",
  listening: "waits for a sender",
  starting: "starting",
  live: "live",
  waiting: "waits for its next try",
  stopped: "stopped",
};

/** What the server opens by itself. */
export class SourcesView {
  readonly #api: Studio["api"];
  readonly #table = new Table(find("#sources", HTMLTableElement), ["Name", "What", "Runs", "Channels"]);

  constructor({ api }: Pick<Studio, "api">) {
    this.#api = api;
  }

  async refresh(): Promise<void> {
    const answer = await this.#api.sources();
    if (answer.kind !== "ok") return;
    const { items } = answer.value;
    this.#table.show(items.map(sourceRow));
    find("#sources-empty", HTMLElement).hidden = items.length > 0;
  }
}

/** A source as a row: its name, what it is, when it runs, and how its channels are. */
function sourceRow({ name, kind, location, start, problem, channels }: Source): string[] {
  const states = channels.map(({ channel, state, problem: why }) => {
    const words = `${channel}: ${STATE_WORDS[state]}`;
    return why === null ? words : `${words} (${why})`;
  });
  const all = problem === null ? states : [problem, ...states];
  return [name, `${kind}, ${location}`, start === "always" ? "always" : "while watched", all.join("; ") || "none"];
}
