import type { WebSocket } from "ws";
import type { LiveServerMessage } from "../../protocol/live.ts";

/** More than this is not put into one viewer's queue, unless it is empty: three images of a usual size. */
const MAX_QUEUED_BYTES = 256 * 1024;

/** What a viewer of images is told by. */
export interface FrameViewerOptions {
  /** It stays while nothing is live, and is told in words; who does not gets images and nothing else. */
  readonly waits: boolean;
}

/**
 * One viewer of images. What it cannot take in time is left out: when there is room again it gets the newest image,
 * which waits for it; those before are counted.
 */
export class FrameViewer {
  readonly waits: boolean;
  /** Images since it came. */
  readonly counts = { sent: 0, skipped: 0 };
  readonly #socket: WebSocket;
  #next: Uint8Array | undefined;

  constructor(socket: WebSocket, { waits }: FrameViewerOptions) {
    this.#socket = socket;
    this.waits = waits;
  }

  /** Sends the newest image, now or when there is room. */
  offer(image: Uint8Array): void {
    if (this.#next !== undefined) this.counts.skipped++;
    this.#next = image;
    this.#sendNext();
  }

  tell(message: LiveServerMessage): void {
    if (this.waits && this.#isOpen && this.#socket.bufferedAmount <= MAX_QUEUED_BYTES) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** What waits for it is not sent any more. */
  close(code: number, reason: string): void {
    this.#next = undefined;
    this.#socket.close(code, reason);
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #sendNext(): void {
    const image = this.#next;
    if (image === undefined || !this.#isOpen) return;
    const queued = this.#socket.bufferedAmount;
    if (queued > 0 && queued + image.byteLength > MAX_QUEUED_BYTES) return;
    this.#next = undefined;
    this.counts.sent++;
    // Called when the image has left the queue; a failed one is followed by the socket's close.
    this.#socket.send(image, (error) => {
      if (error === undefined || error === null) this.#sendNext();
    });
  }
}
