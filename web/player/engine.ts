import type { Moment } from "./events/marks.ts";

/** The ways a picture can come: contract §7, and the browser's own HLS player. */
export type Delivery = "socket" | "hls" | "dash" | "native" | "frames";

/** Every delivery has its engine. */
export type EngineKind = Delivery;

/** One rendition a viewer can choose. */
export interface RenditionChoice {
  readonly id: string;
  readonly label: string;
}

/** What an engine plays. */
export interface Media {
  readonly hls: string;
  readonly dash: string;
  readonly live: boolean;
  /** Where to begin, in seconds; else where the engine would. */
  readonly startAt?: number;
  /** Images as they came; only a live channel whose publisher sends images has them. */
  readonly frames?: string;
  /** Whole segments in place of parts: further behind, for lines that do not keep up. Only HLS has it. */
  readonly relaxed?: boolean;
  /** Where players over HTTP tell how it goes (CMCD version 2, events). */
  readonly reports?: string;
}

/**
 * Why an engine cannot go on. Network: worth another try. Blocked: the server is there, but this way to it is closed;
 * another may be open, and this one later. Media: it cannot play this, another engine may. Silence: it says nothing,
 * but no picture moves.
 */
export interface EngineFailure {
  readonly kind: "network" | "blocked" | "media" | "silence";
  readonly text: string;
}

/** What an engine tells the one who opened it. */
export interface EngineReport {
  /** It cannot go on and waits to be closed. */
  onFailure(failure: EngineFailure): void;
  /** Something fails but is tried again (words), or works again (undefined). */
  onTrouble(text: string | undefined): void;
  /** The list of renditions or the one playing changed. */
  onRenditions(): void;
}

/** Everything an engine is opened with. It attaches itself to `video` and leaves it empty when closed. */
export interface EngineRequest {
  readonly video: HTMLVideoElement;
  readonly media: Media;
  /** Where to begin, in seconds, for a recording that was interrupted. */
  readonly startAt: number | undefined;
  readonly report: EngineReport;
}

/** An engine's delay, where a viewer can choose it. In ms since the moment on screen reached the server. */
export interface DelayControl {
  /** What the viewer wants; undefined: as little as possible. */
  wishMs: number | undefined;
  /** What is held now. */
  readonly targetMs: number;
}

/** What an engine knows of its line, for the statistics. */
export interface EngineFigures {
  readonly roundTripMs: number | undefined;
  readonly bitsPerSecond: number | undefined;
  /** Times that the server left something out because the viewer was too slow. */
  readonly skips: number;
  /** Times that the engine moved the picture to live. */
  readonly jumps: number;
}

/** One way of playing, attached to a video element. */
export interface Engine {
  readonly renditions: readonly RenditionChoice[];
  /** The rendition on screen, as far as the engine knows. */
  readonly playing: string | undefined;
  /** Chooses one rendition, or leaves it to the engine (`undefined`). */
  choose(id: string | undefined): void;
  /** Seconds between now and what is on screen, for a live broadcast. */
  readonly delaySeconds: number | undefined;
  /** The position, in the video's own seconds, where "live" is. */
  readonly livePosition: number | undefined;
  /** The moment on screen of what is live, on a clock that events know. */
  readonly moment?: Moment | undefined;
  /** Whether the viewer is behind live and stays there; without it the position tells. */
  readonly isBehind?: boolean;
  /** Whether the picture stands still on purpose, until it is as far behind live as the viewer wants. */
  readonly isHolding?: boolean;
  /** Everything has been shown, also where the video element does not say so. */
  readonly isOver?: boolean;
  /** Goes to where live is; without it the page seeks. */
  goLive?(): void;
  /** Where the viewer can choose the delay. */
  readonly delay?: DelayControl;
  readonly figures?: EngineFigures;
  /** Loads nothing new; what is buffered plays out. */
  windDown(): void;
  close(): void;
}

/** Opens an engine and starts to play. What fails later comes as a report. */
export type OpenEngine = (request: EngineRequest) => Promise<Engine>;

/** Starts the picture. Where the browser wants a click first it stays paused, and the page offers a button. */
export function startPicture(video: HTMLVideoElement): void {
  void video.play().catch(() => {});
}

/** Leaves a video element empty and paused, as the next engine wants it. */
export function emptyPicture(video: HTMLVideoElement): void {
  video.pause();
  video.removeAttribute("src");
  video.load();
}

/** A rendition in words: `720p · 2.5 Mbit/s`. */
export function renditionLabel(height: number | undefined, bitsPerSecond: number | undefined, id: string): string {
  const size = height === undefined || height === 0 ? id : `${height}p`;
  if (bitsPerSecond === undefined || bitsPerSecond === 0) return size;
  const mbits = bitsPerSecond / 1e6;
  return `${size} · ${mbits >= 1 ? `${mbits.toFixed(1)} Mbit/s` : `${Math.round(mbits * 1000)} kbit/s`}`;
}
