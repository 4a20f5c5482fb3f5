import { aborted, firstEnd, type PublisherStatus, STOPPED, statusOf, TOO_SLOW, withinMs } from "./broadcast-end.ts";
import type { RecordingFormat } from "./formats.ts";
import { MAX_QUEUED_BYTES } from "./queue-watch.ts";
import type { Recorder, RecorderRequest } from "./recorder.ts";
import type { CaptureSource } from "./source.ts";
import type { ConnectUplink, Uplink } from "./uplink.ts";

/** What a broadcast is made from. The source stays its opener's: the publisher does not close it. */
export interface PublishRequest {
  readonly source: CaptureSource;
  readonly format: RecordingFormat;
  readonly channel: string;
  readonly key: string;
  readonly kbps: number;
}

/** The figures of a running broadcast. */
export interface PublisherFigures {
  readonly sentBytes: number;
  readonly queuedBytes: number;
  readonly liveSinceMs: number;
  readonly mimeType: string;
}

/** What the publisher is put together from; tests put other things in. */
export interface PublisherParts {
  readonly connect: ConnectUplink;
  readonly record: (request: RecorderRequest) => Recorder;
  readonly onStatus: (status: PublisherStatus) => void;
}

const SENDING_REST: PublisherStatus = { state: "live", text: "Sending the last seconds…" };
/** A recorder that does not hand out its last piece within this time never will. */
const LAST_DATA_MS = 3_000;

/** Takes one broadcast after the other from a source to the server. */
export class Publisher {
  readonly #parts: PublisherParts;
  #stop: AbortController | undefined;
  #uplink: Uplink | undefined;
  #recorder: Recorder | undefined;
  #liveSinceMs: number | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /** The running broadcast's figures; undefined before the first bytes and after the end. */
  get figures(): PublisherFigures | undefined {
    if (this.#uplink === undefined || this.#recorder === undefined || this.#liveSinceMs === undefined) return undefined;
    const { sentBytes, queuedBytes } = this.#uplink;
    return { sentBytes, queuedBytes, liveSinceMs: this.#liveSinceMs, mimeType: this.#recorder.mimeType };
  }

  /** Runs one broadcast to its end. Every failure becomes a status; it never rejects. */
  async publish(request: PublishRequest): Promise<void> {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#parts.onStatus({ state: "connecting", text: "Connecting to the server…" });
    const end = await this.#run(request, stop.signal).catch(statusOf);
    this.#stop = undefined;
    this.#uplink = undefined;
    this.#recorder = undefined;
    this.#liveSinceMs = undefined;
    this.#parts.onStatus(stop.signal.aborted && end.state !== "error" ? STOPPED : end);
  }

  /** Ends the broadcast after its last data is sent; asked a second time it does not wait for that. */
  stop(): void {
    if (this.#stop?.signal.aborted) this.#uplink?.abandon();
    this.#stop?.abort();
  }

  /** Ends it at once: the page is being left and nothing can be waited for. */
  abandon(): void {
    void this.#recorder?.stop();
    this.#uplink?.abandon();
    this.#stop?.abort();
  }

  async #run(request: PublishRequest, stop: AbortSignal): Promise<PublisherStatus> {
    const uplink = await this.#connect(request, stop);
    if (uplink === undefined) return STOPPED;
    this.#uplink = uplink;
    const overflow = new AbortController();
    const recorder = this.#parts.record({
      stream: request.source.stream,
      format: request.format,
      kbps: request.kbps,
      onData: (data) => {
        uplink.send(data);
        this.#wentLive();
        if (uplink.queuedBytes > MAX_QUEUED_BYTES) overflow.abort();
      },
    });
    this.#recorder = recorder;
    const end = await firstEnd(request.source, recorder, uplink, [
      aborted(stop, STOPPED),
      aborted(overflow.signal, TOO_SLOW),
    ]);
    await withinMs(recorder.stop(), LAST_DATA_MS);
    if (end === STOPPED && uplink.queuedBytes > 0) this.#parts.onStatus(SENDING_REST);
    const closed = await uplink.finish();
    return end === STOPPED && closed.kind === "lost" ? { state: "error", text: closed.text } : end;
  }

  /** Undefined when Stop was pressed while the connection was being made. */
  async #connect(request: PublishRequest, stop: AbortSignal): Promise<Uplink | undefined> {
    const { channel, key, format } = request;
    const report = { onReconnecting: (reconnecting: boolean) => this.#reconnecting(reconnecting) };
    try {
      const uplink = await this.#parts.connect({ channel, key, mimeType: format.mimeType }, report, stop);
      if (!stop.aborted) return uplink;
      uplink.abandon();
    } catch (error) {
      if (!stop.aborted) throw error;
    }
    return undefined;
  }

  #wentLive(): void {
    if (this.#liveSinceMs !== undefined) return;
    this.#liveSinceMs = performance.now();
    this.#parts.onStatus({ state: "live", text: "You are live." });
  }

  #reconnecting(reconnecting: boolean): void {
    if (reconnecting) this.#parts.onStatus({ state: "reconnecting", text: "The connection broke. Connecting again…" });
    else if (this.#liveSinceMs !== undefined) this.#parts.onStatus({ state: "live", text: "You are live again." });
  }
}
