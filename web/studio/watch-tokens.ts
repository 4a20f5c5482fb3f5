import type { Channel } from "../../server/protocol/api.ts";
import type { StudioApi } from "./studio-api.ts";

const GOOD_FOR_S = 86_400;

/** Tokens for the operator's own eyes, of channels that are watched by link only. */
export class WatchTokens {
  readonly #api: Pick<StudioApi, "makeLink">;
  readonly #tokens = new Map<string, string>();

  constructor(api: Pick<StudioApi, "makeLink">) {
    this.#api = api;
  }

  /** Fetches those that are needed and not there. Never rejects. */
  async prepare(channels: readonly Channel[]): Promise<void> {
    const needed = channels.filter(({ name, watch }) => watch === "link" && !this.#tokens.has(name));
    await Promise.all(
      needed.map(async ({ name }) => {
        const answer = await this.#api.makeLink(name, GOOD_FOR_S);
        if (answer.kind === "ok") this.#tokens.set(name, answer.value.token);
      }),
    );
  }

  /** The links of a channel were withdrawn, and this with them. */
  forget(channel: string): void {
    this.#tokens.delete(channel);
  }

  /** Undefined where none is needed. */
  of({ name, watch }: Channel): string | undefined {
    return watch === "link" ? this.#tokens.get(name) : undefined;
  }
}
