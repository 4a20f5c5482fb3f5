import { type PublisherStatus, statusOf } from "./broadcast-end.ts";
import {
  type PublisherFigures,
  type PublisherParts,
  type PublishRequest,
  RunningBroadcast,
} from "./running-broadcast.ts";

/** Takes one broadcast after the other to the server: one container after the other from whatever stream is on air. */
export class Publisher {
  readonly #parts: PublisherParts;
  #broadcast: RunningBroadcast | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** The running broadcast's figures; undefined before the first bytes and after the end. */
  get figures(): PublisherFigures | undefined {
    return this.#broadcast?.figures;
  }

  /** Runs one broadcast to its end. Every failure becomes a status; it never rejects. */
  async publish(request: PublishRequest): Promise<void> {
    if (this.#broadcast !== undefined) return;
    const broadcast = new RunningBroadcast(this.#parts, request);
    this.#broadcast = broadcast;
    const end = await broadcast.run().catch(statusOf);
    this.#broadcast = undefined;
    this.#parts.onStatus(end);
  }

  /** Goes on with another stream; resolves when the one before is not recorded any more. */
  async use(stream: MediaStream): Promise<void> {
    await this.#broadcast?.use(stream);
  }

  /** Goes on with another bit rate. */
  setBitRate(kbps: number): void {
    this.#broadcast?.setBitRate(kbps);
  }

  /** Ends the broadcast after its last data has arrived; asked a second time it does not wait for that. */
  stop(): void {
    this.#broadcast?.stop();
  }

  /** Ends the broadcast like {@link stop}, with other words: what it was made from has ended. */
  end(status: PublisherStatus): void {
    this.#broadcast?.end(status);
  }

  /** Ends it at once: the page is being left and nothing can be waited for. */
  abandon(): void {
    this.#broadcast?.abandon();
  }
}
