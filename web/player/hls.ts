import Hls, { type ErrorData, type HlsConfig } from "hls.js";
import {
  type Engine,
  type EngineReport,
  type EngineRequest,
  emptyPicture,
  type RenditionChoice,
  renditionLabel,
  startPicture,
} from "./engine.ts";
import type { Moment } from "./events/marks.ts";
import { keepPace, LivePace, type Place } from "./live-pace.ts";
import { REPORT_KEYS, REPORT_SECONDS } from "./player-reports.ts";
import { SwitchPatience, type SwitchPlace } from "./smooth-switch.ts";

/** After a stall the viewer stays this much further behind, in seconds; hls.js would make it a whole one. */
const STALL_INCREASE = 0.2;
const PACE_MS = 100;
/** How often a moment for a change of rendition is looked for. */
const SWITCH_MS = 20;
/** After the end of a broadcast its last parts have this long to come. */
const LAST_LOADS_MS = 3_000;
/** A broken piece of media is worth this many new starts of the decoder. */
const MAX_RECOVERIES = 2;

type EventTarget = NonNullable<NonNullable<HlsConfig["cmcd"]>["eventTargets"]>[number];

/** The choice of hls.js, made at moments when it shows no break. */
class SmoothAbr extends Hls.DefaultConfig.abrController {
  readonly #patience = new SwitchPatience();

  override get nextAutoLevel(): number {
    const wanted = super.nextAutoLevel;
    const { loadLevel, media } = this.hls;
    if (loadLevel < 0 || wanted === loadLevel || media === null) this.#patience.forget();
    else if (!this.#patience.mayChange(switchPlaceOf(this.hls, media), performance.now())) return loadLevel;
    return wanted;
  }

  override set nextAutoLevel(level: number) {
    super.nextAutoLevel = level;
  }
}

const CONFIG: Partial<HlsConfig> = {
  abrController: SmoothAbr,
  // When hls.js 1.7 takes away what was played it loses its place among the parts, and the picture stops for a second or
  // more, once, 100 s after the start. The browser makes room by itself when it must.
  backBufferLength: Number.POSITIVE_INFINITY,
  // hls.js catches up only with more than a second loaded, and so never with parts: `holdDelay` does it.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: STALL_INCREASE,
  // The waiting for a channel is the page's; a manifest that is missing is told at once.
  manifestLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 8_000,
      maxLoadTimeMs: 15_000,
      timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 1, retryDelayMs: 500, maxRetryDelayMs: 1_000 },
    },
  },
};

/** HLS and LL-HLS through hls.js. */
export async function openHls({ video, media, startAt, report }: EngineRequest): Promise<Engine> {
  const hls = new Hls({
    ...CONFIG,
    lowLatencyMode: media.relaxed !== true,
    // With an endless duration the browser's own seekable range is the rewind window; what is recorded has its length.
    liveDurationInfinity: media.live,
    ...(startAt === undefined ? {} : { startPosition: startAt }),
    // Events only: data in the addresses of media would keep caches from knowing them again.
    ...(media.reports === undefined
      ? {}
      : { cmcd: { version: 2, includeKeys: [], eventTargets: [reportTo(media.reports)] } }),
  });
  const engine = new HlsEngine(hls, video, media.live);
  watchErrors(hls, report);
  for (const event of [Hls.Events.MANIFEST_PARSED, Hls.Events.LEVEL_SWITCHED, Hls.Events.LEVELS_UPDATED] as const) {
    hls.on(event, () => report.onRenditions());
  }
  hls.loadSource(media.hls);
  hls.attachMedia(video);
  startPicture(video);
  return engine;
}

function reportTo(url: string) {
  return { url, events: ["t", "ps"], interval: REPORT_SECONDS, includeKeys: [...REPORT_KEYS] } satisfies EventTarget;
}

class HlsEngine implements Engine {
  readonly #letGo: () => void;
  #lastLoads: ReturnType<typeof setTimeout> | undefined;
  #choosing: ReturnType<typeof setInterval> | undefined;
  readonly #hls: Hls;
  readonly #video: HTMLVideoElement;
  readonly #live: boolean;

  constructor(hls: Hls, video: HTMLVideoElement, live: boolean) {
    this.#hls = hls;
    this.#video = video;
    this.#live = live;
    this.#letGo = live ? holdDelay(hls, video) : () => {};
  }

  get renditions(): readonly RenditionChoice[] {
    return this.#hls.levels.map((level, index) => ({
      id: String(index),
      label: renditionLabel(level.height, level.bitrate, level.name),
    }));
  }

  get playing(): string | undefined {
    const level = this.#hls.currentLevel;
    return level < 0 ? undefined : String(level);
  }

  /** Where parts are loaded nothing lies ahead that would be worth throwing away for a change that is seen sooner. */
  choose(id: string | undefined): void {
    clearInterval(this.#choosing);
    const level = id === undefined ? -1 : Number(id);
    if (level < 0 || switchPlaceOf(this.#hls, this.#video) === undefined) {
      this.#hls.nextLevel = level;
      return;
    }
    const patience = new SwitchPatience();
    this.#choosing = setInterval(() => {
      if (!patience.mayChange(switchPlaceOf(this.#hls, this.#video), performance.now())) return;
      clearInterval(this.#choosing);
      this.#hls.loadLevel = level;
    }, SWITCH_MS);
  }

  get delaySeconds(): number | undefined {
    if (!this.#live) return undefined;
    const { latency } = this.#hls;
    return Number.isFinite(latency) && latency > 0 ? latency : undefined;
  }

  get livePosition(): number | undefined {
    return this.#hls.liveSyncPosition ?? undefined;
  }

  /** hls.js moves times; the dates in the playlist stay. */
  get moment(): Moment | undefined {
    const date = this.#live ? this.#hls.playingDate : null;
    return date === null ? undefined : { clock: "date", seconds: date.getTime() / 1000 };
  }

  /** The playlist tells the end by itself, and what it still lists is wanted; only a server that is gone does not. */
  windDown(): void {
    this.#lastLoads ??= setTimeout(() => this.#hls.stopLoad(), LAST_LOADS_MS);
  }

  close(): void {
    clearTimeout(this.#lastLoads);
    clearInterval(this.#choosing);
    this.#letGo();
    this.#hls.destroy();
    emptyPicture(this.#video);
  }
}

/** Holds the delay that the playlist asks for. Returns what ends that. */
function holdDelay(hls: Hls, video: HTMLVideoElement): () => void {
  const pace = new LivePace();
  const timer = setInterval(() => keepPace(pace, video, placeOf(hls, video)), PACE_MS);
  return () => clearInterval(timer);
}

function placeOf(
  { latency, targetLatency, latestLevelDetails }: Hls,
  video: HTMLVideoElement,
): Omit<Place, "position"> | undefined {
  if (targetLatency === null || latestLevelDetails?.live !== true || latency === 0) return undefined;
  const { buffered, currentTime } = video;
  const ahead = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
  return { latency, target: targetLatency, ahead };
}

/** Undefined where whole segments are loaded. */
function switchPlaceOf(hls: Hls, video: HTMLMediaElement): SwitchPlace | undefined {
  const parts = hls.lowLatencyMode ? hls.latestLevelDetails?.partList : undefined;
  const { buffered, currentTime: position } = video;
  if (parts === undefined || parts === null || buffered.length === 0) return undefined;
  return { parts, position, loadedTo: buffered.end(buffered.length - 1) };
}

/** hls.js retries by itself; only what it gives up on ends the engine. */
function watchErrors(hls: Hls, report: EngineReport): void {
  let recoveries = 0;
  hls.on(Hls.Events.FRAG_BUFFERED, () => report.onTrouble(undefined));
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) {
      if (data.type === Hls.ErrorTypes.NETWORK_ERROR) report.onTrouble("The network is slow or gone. Trying again…");
      return;
    }
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries < MAX_RECOVERIES && decoderFailed(data)) {
      recoveries += 1;
      hls.recoverMediaError();
      return;
    }
    const network = data.type === Hls.ErrorTypes.NETWORK_ERROR;
    report.onFailure({ kind: network ? "network" : "media", text: network ? networkWords(data) : mediaWords(data) });
  });
}

/** Codecs the browser does not have will not appear by trying again. */
function decoderFailed(data: ErrorData): boolean {
  return data.details !== Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR;
}

function networkWords(data: ErrorData): string {
  const status = data.response?.code ?? 0;
  return status === 0 ? "The stream cannot be reached" : `The server does not give out the stream (${status})`;
}

function mediaWords(data: ErrorData): string {
  return `This browser cannot play the stream over HLS (${data.details})`;
}
