import type { Socket } from "node:net";
import { isLiveError, LiveError, messageOf } from "../../core/errors.ts";
import { FramesScanner } from "../../media/frames-scanner.ts";
import { readImageInfo } from "../../media/image-info.ts";
import { LENGTH_BYTES, PrefixedReader } from "../../media/length-prefixed.ts";
import { IdleWatch } from "../idle-watch.ts";
import type { IngestOptions, Publication, PublicationEnd } from "../publishing.ts";
import { DEFAULT_ADDRESS, type FramesAddress, readHello } from "./hello.ts";

/** What a connection is served with. */
export interface FramesConnectionOptions extends IngestOptions {
  /** Longer images are read away. */
  readonly maxImageBytes: number;
  /** Its first message may take this long. */
  readonly patienceMs?: number;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** How a connection came to its end; `why` is there when we ended it. */
interface Outcome {
  readonly end: PublicationEnd;
  readonly why?: unknown;
}

const PATIENCE_MS = 10_000;
/** What is skipped is told of the first time and then once for so many more: a publisher may send 60 such a second. */
const SKIPS_PER_REPORT = 1_000;

/**
 * One publisher of length-prefixed images (contract §4). There is nothing that it could be told: what is wrong is said in
 * the log, and the connection closed.
 */
export class FramesConnection {
  /** Settles when the connection is over and its broadcast's archive complete. Never rejects. */
  readonly done: Promise<void>;
  readonly #socket: Socket;
  readonly #options: FramesConnectionOptions;
  readonly #reader: PrefixedReader;
  #address: FramesAddress | undefined;
  #publication: Publication | undefined;
  readonly #gone = new AbortController();
  #skipped = 0;
  #isTaking = false;

  constructor(socket: Socket, options: FramesConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new PrefixedReader(options.maxImageBytes);
    // The loop over the socket meets it, too.
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#gone.abort();
      this.#publication?.leave();
    });
    this.done = this.#serve();
  }

  async #serve(): Promise<void> {
    const patience = setTimeout(() => {
      this.#socket.destroy(new LiveError("timed_out", "no whole message came in time"));
    }, this.#options.patienceMs ?? PATIENCE_MS);
    const { end, why } = await this.#receive(patience);
    clearTimeout(patience);
    this.#socket.destroy();
    const failed = await this.#publication?.finish(end).then(
      () => undefined,
      (error: unknown) => error,
    );
    const reason = why ?? failed;
    const details = { channel: this.#address?.channel, skipped: this.#skipped, end: end.reason };
    if (reason === undefined) this.#report("a publisher of images has gone", details);
    else this.#report("a publisher of images was let go", { ...details, reason: messageOf(reason) });
  }

  async #receive(patience: NodeJS.Timeout): Promise<Outcome> {
    using idle = new IdleWatch({
      limitMs: this.#options.idleMs,
      isPaused: () => this.#isTaking,
      onIdle: (why) => this.#socket.destroy(why),
    });
    try {
      for await (const chunk of this.#socket) {
        idle.heard();
        this.#isTaking = true;
        for (const found of this.#reader.push(chunk)) {
          if (found.type === "end") return { end: { reason: "finished" } };
          if (found.type === "skipped") this.#skip(`it has ${found.bytes} bytes`);
          else await this.#take(found.bytes);
          clearTimeout(patience);
        }
        this.#isTaking = false;
      }
      return { end: { reason: this.#reader.isBetween ? "finished" : "disconnected" } };
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): Outcome {
    const stopped = this.#publication?.stopped;
    if (stopped?.aborted === true) return { end: { reason: "disconnected" }, why: stopped.reason };
    if (isLiveError(error, "idle")) return { end: { reason: "disconnected" }, why: error };
    if (isLiveError(error)) return { end: { reason: "failed", error }, why: error };
    return { end: { reason: "disconnected" } };
  }

  /** Takes a message with its length. */
  async #take(message: Uint8Array): Promise<void> {
    const image = message.subarray(LENGTH_BYTES);
    if (this.#address === undefined) {
      const hello = readHello(image);
      this.#address = hello ?? DEFAULT_ADDRESS;
      if (hello !== undefined) return this.#publish(this.#address);
    }
    if (readImageInfo(image) === undefined) return this.#skip("it is no JPEG, PNG or WebP that can be shown");
    if (this.#publication === undefined) await this.#publish(this.#address);
    await this.#publication?.write(message);
    await this.#publication?.room(this.#gone.signal);
  }

  /** Takes the channel; who comes right after another one has gone need only wait for that one's archive. */
  async #publish({ channel, key }: FramesAddress): Promise<void> {
    const { publishing } = this.#options;
    const permit = await publishing.admit({ channel, key, address: this.#socket.remoteAddress });
    const publication = permit.publish(new FramesScanner());
    publication.stopped.addEventListener("abort", () => this.#socket.destroy(), { once: true });
    this.#publication = publication;
    if (this.#gone.signal.aborted) publication.leave();
  }

  #skip(why: string): void {
    if (this.#skipped++ % SKIPS_PER_REPORT > 0) return;
    this.#report("an image was skipped", { channel: this.#address?.channel, why, skipped: this.#skipped });
  }

  #report(event: string, details: Record<string, unknown>): void {
    this.#options.report(event, { from: this.#socket.remoteAddress, ...details });
  }
}
