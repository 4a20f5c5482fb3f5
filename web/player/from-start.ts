import { recordingAddresses } from "../ui/addresses.ts";
import { getRecording } from "../ui/api.ts";

/** Offers to watch a broadcast from its beginning while it is live, if it is recorded. */
export class FromStart {
  readonly #link: HTMLAnchorElement;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal;
  #broadcast: string | undefined;

  constructor(link: HTMLAnchorElement, token: string | undefined, signal: AbortSignal) {
    this.#link = link;
    this.#token = token;
    this.#signal = signal;
  }

  /** What is live now; undefined when nothing is. */
  async show(broadcast: string | undefined): Promise<void> {
    if (broadcast === this.#broadcast) return;
    this.#broadcast = broadcast;
    this.#link.hidden = true;
    if (broadcast === undefined) return;
    const answer = await getRecording(broadcast, this.#signal, this.#token);
    if (this.#broadcast !== broadcast) return;
    this.#link.href = recordingAddresses(location, broadcast, this.#token).watch;
    this.#link.hidden = answer.kind !== "ok";
  }
}
