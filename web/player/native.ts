import { type Engine, type EngineRequest, emptyPicture, type RenditionChoice, startPicture } from "./engine.ts";

/** HLS by the browser itself: Safari, and phones without Media Source Extensions. */
export async function openNative({ video, media, startAt, report }: EngineRequest): Promise<Engine> {
  const engine = new NativeEngine(video, media.live, () => {
    const code = video.error?.code;
    const kind = code === MediaError.MEDIA_ERR_NETWORK ? "network" : "media";
    report.onFailure({ kind, text: `The browser's player stopped: ${video.error?.message || `error ${code ?? "?"}`}` });
  });
  video.src = media.hls;
  if (startAt !== undefined) video.currentTime = startAt;
  startPicture(video);
  return engine;
}

class NativeEngine implements Engine {
  /** The browser chooses by itself and does not say what. */
  readonly renditions: readonly RenditionChoice[] = [];
  readonly playing = undefined;
  readonly #video: HTMLVideoElement;
  readonly #live: boolean;
  readonly #onError: () => void;

  constructor(video: HTMLVideoElement, live: boolean, onError: () => void) {
    this.#video = video;
    this.#live = live;
    this.#onError = onError;
    video.addEventListener("error", onError);
  }

  choose(): void {}

  get delaySeconds(): number | undefined {
    const shownMs = startDateMs(this.#video) + this.#video.currentTime * 1000;
    return this.#live && Number.isFinite(shownMs) ? (Date.now() - shownMs) / 1000 : undefined;
  }

  get livePosition(): number | undefined {
    const { seekable } = this.#video;
    return this.#live && seekable.length > 0 ? seekable.end(seekable.length - 1) : undefined;
  }

  windDown(): void {}

  close(): void {
    this.#video.removeEventListener("error", this.#onError);
    emptyPicture(this.#video);
  }
}

/** Only browsers with a player of their own tell which moment position 0 is (the playlist's program date). */
function startDateMs(video: HTMLVideoElement): number {
  if (!("getStartDate" in video) || typeof video.getStartDate !== "function") return Number.NaN;
  const date: unknown = video.getStartDate();
  return date instanceof Date ? date.getTime() : Number.NaN;
}
