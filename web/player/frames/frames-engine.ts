import { LIVE_CLOSE } from "../../../server/protocol/live.ts";
import { captureByHand, painterOf } from "../../capture/canvas-track.ts";
import { type Engine, type EngineFigures, type EngineReport, type OpenEngine, startPicture } from "../engine.ts";
import { NewestImage } from "./newest-image.ts";

/** Where the browser must look at the canvas by itself, so many times a second. */
const CAPTURE_FPS = 60;
const RATE_MS = 1_000;

/** Images as their publisher sent them, through a canvas that the video element shows. */
export const openFrames: OpenEngine = async ({ video, media, report }) => {
  if (media.frames === undefined) throw new Error("there are no images to be had");
  return new FramesEngine(video, media.frames, report);
};

class FramesEngine implements Engine {
  readonly renditions = [];
  readonly playing = undefined;
  readonly delaySeconds = undefined;
  readonly livePosition = undefined;
  readonly #video: HTMLVideoElement;
  readonly #report: EngineReport;
  readonly #painter = painterOf({ width: 1280, height: 720 });
  readonly #capture = captureByHand(this.#painter.canvas, CAPTURE_FPS);
  readonly #socket: WebSocket;
  readonly #images = new NewestImage<ImageBitmap>({
    // The browser tells by the bytes what kind of image it is.
    decode: (data) => createImageBitmap(new Blob([data])),
    show: (bitmap) => this.#paint(bitmap),
    free: (bitmap) => bitmap.close(),
  });
  #bytes = 0;
  #sinceMs = performance.now();
  #bitsPerSecond: number | undefined;

  constructor(video: HTMLVideoElement, address: string, report: EngineReport) {
    this.#video = video;
    this.#report = report;
    this.#socket = new WebSocket(address);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.#take(data);
    };
    this.#socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    video.srcObject = new MediaStream([this.#capture.track]);
    startPicture(video);
  }

  get figures(): EngineFigures {
    return { roundTripMs: undefined, bitsPerSecond: this.#bitsPerSecond, skips: this.#images.skipped, jumps: 0 };
  }

  choose(): void {}

  /** There is nothing to play out: what has come is on screen. */
  windDown(): void {}

  close(): void {
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close();
    this.#clear();
  }

  /** The screen goes dark: Chromium would let the clock of a stream run on for ever. */
  #clear(): void {
    this.#images.close();
    this.#capture.track.stop();
    this.#video.pause();
    this.#video.srcObject = null;
  }

  #take(data: ArrayBuffer): void {
    const now = performance.now();
    this.#bytes += data.byteLength;
    if (now - this.#sinceMs > RATE_MS) {
      this.#bitsPerSecond = (this.#bytes * 8_000) / (now - this.#sinceMs);
      this.#bytes = 0;
      this.#sinceMs = now;
    }
    this.#images.offer(data);
  }

  #paint(bitmap: ImageBitmap): void {
    const { canvas } = this.#painter;
    const { width, height } = bitmap;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    this.#painter.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.#capture.send();
  }

  #onClose(code: number, reason: string): void {
    if (code === LIVE_CLOSE.ended) return this.#clear();
    const text = reason === "" ? "The connection for images was lost" : reason;
    this.#report.onFailure({ kind: code === LIVE_CLOSE.notLive ? "media" : "network", text });
  }
}
