import { type Appendable, AppendQueue } from "./append-queue.ts";
import { TrackBuffer } from "./track-buffer.ts";

/** The kinds of tracks; there is one source buffer for each. */
export type TrackKind = "video" | "audio";

/** What a sink is made with. */
export interface SinkRequest {
  readonly video: HTMLVideoElement;
  /** The type of each track that will come, such as `video/mp4; codecs="avc1.42c01f"`. */
  readonly types: ReadonlyMap<TrackKind, string>;
  readonly onFailure: (text: string) => void;
}

/** Media on its way into a video element: a media source with a buffer for each kind of track. Never ends by itself. */
export class MediaSink {
  readonly #video: HTMLVideoElement;
  readonly #source: MediaSource;
  readonly #queues: ReadonlyMap<TrackKind, AppendQueue>;
  readonly #buffers = new Map<TrackKind, TrackBuffer>();
  readonly #url: string;
  #isEnding = false;
  #isClosed = false;

  constructor({ video, types, onFailure }: SinkRequest) {
    this.#video = video;
    this.#source = newMediaSource();
    this.#queues = new Map([...types.keys()].map((kind) => [kind, new AppendQueue()]));
    this.#source.addEventListener("sourceopen", () => this.#open(types, onFailure), { once: true });
    this.#url = URL.createObjectURL(this.#source);
    // The managed form wants to know that the picture will not go to a television.
    video.disableRemotePlayback = true;
    video.src = this.#url;
  }

  /** Bytes that wait to be appended. */
  get waitingBytes(): number {
    return [...this.#queues.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The kinds of tracks that there are buffers for. */
  get kinds(): Iterable<TrackKind> {
    return this.#queues.keys();
  }

  /** Whether there is a buffer for this kind of track. */
  has(kind: TrackKind): boolean {
    return this.#queues.has(kind);
  }

  push(kind: TrackKind, item: Appendable): void {
    this.#queues.get(kind)?.push(item);
    this.#buffers.get(kind)?.work();
  }

  /** Forgets what lies before a position, and tells the page how far back it can go. In seconds. */
  trim(before: number): void {
    if (this.#source.readyState !== "open") return;
    for (const buffer of this.#buffers.values()) buffer.remove(0, before);
    const { buffered } = this.#video;
    if (buffered.length > 0) this.#source.setLiveSeekableRange(buffered.start(0), buffered.end(buffered.length - 1));
  }

  /** Takes away what there is of a kind from a position on, in seconds. */
  removeFrom(kind: TrackKind, position: number): void {
    this.#buffers.get(kind)?.remove(position, Number.POSITIVE_INFINITY);
  }

  /** Nothing more comes: what is there plays to its end. */
  end(): void {
    this.#isEnding = true;
    this.#endIfDone();
  }

  close(): void {
    this.#isClosed = true;
    URL.revokeObjectURL(this.#url);
  }

  #open(types: ReadonlyMap<TrackKind, string>, onFailure: (text: string) => void): void {
    if (this.#isClosed) return;
    this.#source.duration = Number.POSITIVE_INFINITY;
    const report = {
      onFailure: (text: string) => {
        if (!this.#isClosed) onFailure(text);
      },
      onChange: () => {
        if (!this.#isClosed) this.#endIfDone();
      },
    };
    for (const [kind, mime] of types) {
      const queue = this.#queues.get(kind);
      if (queue === undefined) continue;
      try {
        const position = () => this.#video.currentTime;
        this.#buffers.set(kind, new TrackBuffer(this.#source, { mime, queue, position, report }));
      } catch (error) {
        return report.onFailure(`The browser opens no buffer for ${mime}: ${String(error)}`);
      }
    }
    // All buffers must be there before the first of them gets anything.
    for (const buffer of this.#buffers.values()) buffer.work();
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (!this.#isEnding || this.#source.readyState !== "open") return;
    if ([...this.#buffers.values()].some(({ isBusy }) => isBusy)) return;
    this.#isEnding = false;
    this.#source.endOfStream();
  }
}

/** The managed form where there is no other: phones of Apple. */
export function mediaSourceClass(): typeof MediaSource | undefined {
  const managed: typeof MediaSource | undefined = Reflect.get(globalThis, "ManagedMediaSource");
  return globalThis.MediaSource ?? managed;
}

function newMediaSource(): MediaSource {
  const MediaSourceClass = mediaSourceClass();
  if (MediaSourceClass === undefined) throw new Error("this browser has no media source");
  return new MediaSourceClass();
}
