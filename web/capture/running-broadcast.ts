import { BitRate } from "./bit-rate.ts";
import { aborted, FULL, givenUp, type PublisherStatus, STOPPED, statusOf, withinMs } from "./broadcast-end.ts";
import type { RecordingFormat } from "./formats.ts";
import type { Recorder, RecorderRequest } from "./recorder.ts";
import type { ConnectUplink, Uplink } from "./uplink.ts";

/** What a broadcast is made from. The stream stays its opener's: the publisher does not end its tracks. */
export interface PublishRequest {
  readonly stream: MediaStream;
  readonly channel: string;
  readonly key: string;
  readonly kbps: number;
}

/** The figures of a running broadcast. */
export interface PublisherFigures {
  readonly producedBytes: number;
  readonly acknowledgedBytes: number;
  /** How much recorded time waits for its acknowledgement, in ms. */
  readonly keptMs: number;
  readonly liveSinceMs: number;
  readonly mimeType: string;
  /** What the recorder makes of the picture at the moment. */
  readonly kbps: number;
  /** What to say about the line. */
  readonly warning: string | undefined;
}

/** What the publisher is put together from; tests put other things in. */
export interface PublisherParts {
  readonly connect: ConnectUplink;
  readonly record: (request: RecorderRequest) => Recorder;
  /** What to record a stream as; throws a `CaptureFailure` in words when there is nothing. */
  readonly formatFor: (stream: MediaStream) => RecordingFormat;
  readonly onStatus: (status: PublisherStatus) => void;
  /** Something that the person should know, in words. */
  readonly onNote: (text: string) => void;
}

/** A recorder that does not hand out its last piece within this time never will. */
const LAST_DATA_MS = 3_000;
/** A recorder that failed is started anew, unless it lived shorter than this: then it would fail again. */
const WORKING_RECORDER_MS = 5_000;
/**
 * When the server has been out of reach for so long it may end the broadcast before it is back. A container that begins
 * now can be the beginning of the next one.
 */
const LONG_GAP_MS = 10_000;

/** One broadcast: one container after the other, from whatever stream is on air, to one uplink. */
export class RunningBroadcast {
  readonly #parts: PublisherParts;
  readonly #request: PublishRequest;
  readonly #rate: BitRate;
  readonly #stop = new AbortController();
  readonly #full = new AbortController();
  #end: PublisherStatus = STOPPED;
  #stream: MediaStream;
  #uplink: Uplink | undefined;
  #recorder: Recorder | undefined;
  #liveSinceMs: number | undefined;
  #gapSinceMs: number | undefined;
  #hadGap = false;
  #isFinishing = false;
  /** Aborts when another container is wanted. */
  #turn = new AbortController();
  #turnOver: Promise<unknown> = Promise.resolve();

  constructor(parts: PublisherParts, request: PublishRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#stream = request.stream;
    this.#rate = new BitRate(request.kbps);
  }

  /** Undefined before the first bytes. */
  get figures(): PublisherFigures | undefined {
    if (this.#uplink === undefined || this.#recorder === undefined || this.#liveSinceMs === undefined) return undefined;
    const { producedBytes, acknowledgedBytes, keptMs } = this.#uplink;
    const { kbps, warning } = this.#rate;
    const { mimeType } = this.#recorder;
    return { producedBytes, acknowledgedBytes, keptMs, liveSinceMs: this.#liveSinceMs, mimeType, kbps, warning };
  }

  /** Runs to its end; rejects with a `CaptureFailure` when the server does not take it. */
  async run(): Promise<PublisherStatus> {
    this.#parts.onStatus({ state: "connecting", text: "Connecting to the server…" });
    const uplink = await this.#connect();
    if (uplink === undefined) return this.#end;
    this.#uplink = uplink;
    const over = Promise.race([
      aborted(this.#stop.signal).then(() => this.#end),
      aborted(this.#full.signal).then(() => FULL),
      uplink.ended.then((end): PublisherStatus => (end.kind === "lost" ? { state: "error", text: end.text } : STOPPED)),
    ]);
    const end = await this.#record(uplink, over).catch(statusOf);
    this.#isFinishing = true;
    if (end === FULL) this.#parts.onNote(FULL.text);
    if (uplink.keptMs > 0) this.#showProgress();
    const closed = await uplink.finish();
    if (end.state === "error") return end;
    return closed.kind === "lost" ? { state: "error", text: closed.text } : this.#end;
  }

  /** Goes on with another stream; resolves when the one before is not recorded any more. */
  async use(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    this.#turn.abort();
    await this.#turnOver;
  }

  /** Goes on with another bit rate. */
  setBitRate(kbps: number): void {
    this.#rate.want(kbps);
    this.#turn.abort();
  }

  /** Ends, with these words, after the last data has arrived. */
  end(status: PublisherStatus): void {
    if (!this.#stop.signal.aborted) this.#end = status;
    this.#stop.abort();
  }

  /** The person ends it; the second time, without what has not arrived. */
  stop(): void {
    if (!this.#stop.signal.aborted && !this.#isFinishing) return this.end(STOPPED);
    this.#end = givenUp(this.#uplink?.keptMs ?? 0);
    this.#uplink?.abandon();
  }

  /** Ends at once: the page is being left. */
  abandon(): void {
    void this.#recorder?.stop();
    this.#uplink?.abandon();
    this.#stop.abort();
  }

  /** Undefined when Stop was pressed while the connection was being made. */
  async #connect(): Promise<Uplink | undefined> {
    const { channel, key, stream } = this.#request;
    const { mimeType } = this.#parts.formatFor(stream);
    const report = {
      onReconnecting: (isReconnecting: boolean) => this.#reconnecting(isReconnecting),
      onContainerWanted: () => this.#turn.abort(),
      onNote: this.#parts.onNote,
    };
    const { signal } = this.#stop;
    try {
      const uplink = await this.#parts.connect({ channel, key, mimeType }, report, signal);
      if (!signal.aborted) return uplink;
      uplink.abandon();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return undefined;
  }

  async #record(uplink: Uplink, over: Promise<PublisherStatus>): Promise<PublisherStatus> {
    for (;;) {
      this.#turn = new AbortController();
      const turn = this.#recordContainer(uplink, over);
      this.#turnOver = turn.catch(() => {});
      const end = await turn;
      if (end !== undefined) return end;
    }
  }

  /** Resolves with undefined when another container is wanted. */
  async #recordContainer(uplink: Uplink, over: Promise<PublisherStatus>): Promise<PublisherStatus | undefined> {
    const stream = this.#stream;
    const ends = [over, aborted(this.#turn.signal)];
    // Who opened the stream brings another one.
    if (!isAlive(stream)) return Promise.race(ends);
    const format = this.#parts.formatFor(stream);
    let isCurrent = true;
    const recorder = this.#parts.record({
      stream,
      format,
      kbps: this.#rate.kbps,
      onData: (data) => {
        if (isCurrent) this.#take(data, uplink);
      },
    });
    uplink.beginContainer(format.mimeType);
    this.#recorder = recorder;
    const end = await Promise.race([...ends, this.#whenFailed(recorder, stream)]);
    await withinMs(recorder.stop(), LAST_DATA_MS);
    isCurrent = false;
    return end;
  }

  async #whenFailed(recorder: Recorder, stream: MediaStream): Promise<PublisherStatus | undefined> {
    const sinceMs = performance.now();
    const text = await recorder.failed;
    if (!isAlive(stream)) return new Promise(() => {});
    return performance.now() - sinceMs > WORKING_RECORDER_MS ? undefined : { state: "error", text };
  }

  #take(data: Blob, uplink: Uplink): void {
    uplink.send(data);
    if (this.#liveSinceMs === undefined) {
      this.#liveSinceMs = performance.now();
      this.#showProgress();
    }
    if (uplink.isFull) this.#full.abort();
    // Driven by data, not by a timer: those of a page in the background hardly run.
    const nowMs = performance.now();
    const { producedBytes, acknowledgedBytes } = uplink;
    const isConnected = this.#gapSinceMs === undefined;
    if (this.#rate.judge({ nowMs, producedBytes, acknowledgedBytes, isConnected })) this.#turn.abort();
    if (nowMs - (this.#gapSinceMs ?? nowMs) > LONG_GAP_MS) {
      this.#gapSinceMs = Number.POSITIVE_INFINITY;
      this.#turn.abort();
    }
  }

  #reconnecting(isReconnecting: boolean): void {
    this.#gapSinceMs = isReconnecting ? performance.now() : undefined;
    this.#hadGap = true;
    if (this.#liveSinceMs !== undefined) this.#showProgress();
  }

  #showProgress(): void {
    const isReconnecting = this.#gapSinceMs !== undefined;
    const words = this.#isFinishing ? FINISHING : this.#hadGap ? LIVE_AGAIN : LIVE;
    this.#parts.onStatus({
      state: isReconnecting ? "reconnecting" : "live",
      text: isReconnecting ? words.gap : words.live,
    });
  }
}

const LIVE = { live: "You are live.", gap: "Reconnecting" };
const LIVE_AGAIN = { live: "You are live again.", gap: "Reconnecting" };
const FINISHING = {
  live: "Sending the last seconds. Press Stop again to give them up.",
  gap: "Reconnecting to send the rest",
};

/** A stream that has something to record. */
function isAlive(stream: MediaStream): boolean {
  return stream.getTracks().some(({ readyState }) => readyState === "live");
}
