import { Readable } from "node:stream";
import { imagesAsMatroska } from "./images.ts";
import type { SourceLog } from "./source.ts";

/** What a run reads: the init bytes, then the log from a resync point (or from behind the init bytes) on. */
export interface FeedRequest {
  readonly log: SourceLog;
  readonly init: { readonly offset: number; readonly end: number };
  readonly from: { readonly offset: number; readonly preamble?: Uint8Array } | undefined;
  /** Where this epoch ends, once that is known. */
  readonly until: () => number | undefined;
  /** Of length-prefixed images: the time of the one at an offset, in seconds. They are wrapped with it on the way. */
  readonly timeAt?: ((offset: number) => number | undefined) | undefined;
  readonly signal: AbortSignal;
}

/** Bytes that may wait in the pipe to FFmpeg: few, so that an encoder which is behind shows soon. */
const PIPE_BYTES = 64 * 1024;
/** Handed over at a time: a larger piece would count as read while it waits in the pipe. */
const PIECE_BYTES = 32 * 1024;

/** The bytes for one run of FFmpeg, and how far it has taken them. */
export class Feed {
  readonly stream: Readable;
  /** Resolves with the reason when the log cannot be read on; never otherwise. */
  readonly unreadable: Promise<unknown>;
  #setUnreadable: (reason: unknown) => void = () => {};
  #offset: number;

  constructor(request: FeedRequest) {
    this.#offset = request.from?.offset ?? request.init.end;
    this.unreadable = new Promise((resolve) => {
      this.#setUnreadable = resolve;
    });
    this.stream = Readable.from(this.#bytes(request), { objectMode: false, highWaterMark: PIPE_BYTES });
  }

  /** Offset in the log behind the last byte that was handed over. */
  get offset(): number {
    return this.#offset;
  }

  async *#bytes({ log, init, from, until, timeAt, signal }: FeedRequest): AsyncGenerator<Uint8Array> {
    try {
      const following = log.follow({ from: this.#offset, until, signal });
      if (timeAt !== undefined) return yield* this.#images(following, timeAt);
      yield await log.slice(init.offset, init.end);
      if (from?.preamble !== undefined) yield from.preamble;
      for await (const bytes of following) {
        for (let from = 0; from < bytes.byteLength; from += PIECE_BYTES) {
          const piece = bytes.subarray(from, from + PIECE_BYTES);
          yield piece;
          this.#offset += piece.byteLength;
        }
      }
    } catch (error) {
      // Stopped on purpose: the process is being ended, and a broken input would only add a second reason.
      if (signal.aborted) return;
      this.#setUnreadable(error);
      throw error;
    }
  }

  async *#images(
    source: AsyncIterable<Uint8Array>,
    timeAt: (offset: number) => number | undefined,
  ): AsyncGenerator<Uint8Array> {
    for await (const { bytes, end } of imagesAsMatroska(source, { from: this.#offset, timeAt })) {
      if (bytes.byteLength > 0) yield bytes;
      this.#offset = end;
    }
  }
}
