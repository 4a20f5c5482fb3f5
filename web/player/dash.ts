import { MediaPlayer, type MediaPlayerClass } from "dashjs";
import { DashEnd } from "./dash-end.ts";
import { askedDelay, presentationGuard } from "./dash-presentation.ts";
import {
  type Engine,
  type EngineReport,
  type EngineRequest,
  emptyPicture,
  type RenditionChoice,
  renditionLabel,
} from "./engine.ts";
import type { Moment } from "./events/marks.ts";
import { keepPace, LivePace, StuckWatch } from "./live-pace.ts";
import { REPORT_KEYS, REPORT_SECONDS } from "./player-reports.ts";

const BACK_BUFFER_SECONDS = 60;
const PACE_MS = 100;
/** Seeking makes a browser forget how much it wanted to have. */
const UNSTICK_SECONDS = 0.05;

/** dash.js's codes for what could not be downloaded: manifest, its parts, segments. */
const NETWORK_CODES: ReadonlySet<number> = new Set([11, 12, 15, 17, 18, 19, 25, 26, 27, 28, 29]);
/** Without the server's clock dash.js goes on with the viewer's. */
const TIME_SYNC_FAILED = 16;

/** DASH and LL-DASH through dash.js. */
export async function openDash({ video, media, startAt, report }: EngineRequest): Promise<Engine> {
  const player = MediaPlayer().create();
  player.initialize();
  player.updateSettings({
    debug: { logLevel: 0 },
    streaming: {
      buffer: { bufferToKeep: BACK_BUFFER_SECONDS },
      // dash.js approaches its delay ever more slowly, and jumps when somebody rewinds: `DelayHold` does it.
      liveCatchup: { enabled: false },
      ...(media.reports === undefined ? {} : { cmcd: reportTo(media.reports) }),
    },
  });
  const hold = media.live ? new DelayHold(player, video) : undefined;
  keepPresentation(player, (asked) => {
    if (hold !== undefined) hold.asked = asked;
  });
  watch(player, report);
  // dash.js refreshes the manifest only after a `play` event that it has seen itself: it must be the one to play.
  player.setAutoPlay(true);
  player.attachView(video);
  player.attachSource(startAt === undefined ? media.dash : `${media.dash}#t=${startAt}`);
  const end = new DashEnd();
  player.on(MediaPlayer.events.PLAYBACK_ENDED, ({ isLast }: { isLast?: boolean }) => {
    if (isLast === true) end.reached(video);
  });
  return new DashEngine(player, video, { hold, end });
}

/** Events only: data in the addresses of media would keep caches from knowing them again. */
function reportTo(url: string) {
  const target = { enabled: true, url, events: ["t", "ps"], interval: REPORT_SECONDS, enabledKeys: [...REPORT_KEYS] };
  return { enabled: true, version: 2, includeInRequests: [], enabledKeys: [], eventTargets: [target] };
}

/** Holds the delay that the newest manifest asks for, in seconds. */
class DelayHold {
  /** Undefined before there is a manifest. */
  asked: number | undefined;
  readonly #player: MediaPlayerClass;
  readonly #video: HTMLVideoElement;
  readonly #pace = new LivePace();
  readonly #stuck = new StuckWatch();
  readonly #timer = setInterval(() => this.#look(), PACE_MS);

  constructor(player: MediaPlayerClass, video: HTMLVideoElement) {
    this.#player = player;
    this.#video = video;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { asked: target } = this;
    const video = this.#video;
    if (target === undefined || !this.#player.isReady() || !this.#player.isDynamic()) return;
    const ahead = aheadOf(video);
    keepPace(this.#pace, video, { latency: this.#player.getCurrentLiveLatency(), target, ahead });
    if (video.paused) return;
    // After some stalls Chromium wants more sound ahead than a live edge, or a gap in the sound, ever lets it have.
    if (this.#stuck.isStuck(video.currentTime, ahead, performance.now())) video.currentTime += UNSTICK_SECONDS;
  }
}

/** How much can be played on from here without a gap, in seconds. */
function aheadOf({ buffered, currentTime }: HTMLVideoElement): number {
  for (let range = 0; range < buffered.length; range++) {
    if (currentTime >= buffered.start(range) && currentTime <= buffered.end(range)) {
      return buffered.end(range) - currentTime;
    }
  }
  return 0;
}

class DashEngine implements Engine {
  readonly #player: MediaPlayerClass;
  readonly #video: HTMLVideoElement;
  /** Only what is live has a delay. */
  readonly #hold: DelayHold | undefined;
  readonly #end: DashEnd;

  constructor(player: MediaPlayerClass, video: HTMLVideoElement, about: { hold: DelayHold | undefined; end: DashEnd }) {
    this.#player = player;
    this.#video = video;
    this.#hold = about.hold;
    this.#end = about.end;
  }

  get renditions(): readonly RenditionChoice[] {
    if (!this.#player.isReady() || this.#player.getActiveStream() === null) return [];
    return this.#player.getRepresentationsByType("video").map(({ id, height, bandwidth }) => ({
      id,
      label: renditionLabel(height, bandwidth, id),
    }));
  }

  get playing(): string | undefined {
    if (this.#player.getActiveStream() === null) return undefined;
    return this.#player.getCurrentRepresentationForType("video")?.id;
  }

  choose(id: string | undefined): void {
    const video = id === undefined;
    this.#player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video } } } });
    if (id !== undefined) this.#player.setRepresentationForTypeById("video", id);
  }

  get delaySeconds(): number | undefined {
    if (this.#hold === undefined || !this.#player.isReady()) return undefined;
    const seconds = this.#player.getCurrentLiveLatency();
    return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  }

  get livePosition(): number | undefined {
    const delay = this.delaySeconds;
    if (delay === undefined) return undefined;
    return this.#video.currentTime + delay - (this.#hold?.asked ?? delay);
  }

  /** A live manifest keeps the broadcast's times. */
  get moment(): Moment | undefined {
    return this.#hold === undefined ? undefined : { clock: "media", seconds: this.#video.currentTime };
  }

  get isOver(): boolean {
    return this.#end.isOver(this.#video);
  }

  /** dash.js cannot be told to stop loading; it learns of nothing new, see `keepPresentation`. */
  windDown(): void {}

  close(): void {
    this.#hold?.close();
    // dash.js 5.2 leaves listeners behind that wait for `canplay` to set a speed, and they fail when the next engine
    // brings one. While the player lives they can still run their course.
    this.#video.dispatchEvent(new Event("canplay"));
    this.#player.destroy();
    emptyPicture(this.#video);
  }
}

/**
 * A channel's address belongs to its next broadcast at once, and dash.js would jump into the middle of that. An answer
 * that is never given keeps it with the manifest it has, until what that lists is played out.
 */
function keepPresentation(player: MediaPlayerClass, onAsked: (delaySeconds: number) => void): void {
  const ours = presentationGuard();
  player.addResponseInterceptor(async (response) => {
    const text: unknown = response.data;
    if (typeof text !== "string") return response;
    if (!ours(text)) await new Promise(() => {});
    const asked = askedDelay(text);
    if (asked !== undefined) onAsked(asked);
    return response;
  });
}

function watch(player: MediaPlayerClass, report: EngineReport): void {
  const { events } = MediaPlayer;
  const renditions = [events.STREAM_INITIALIZED, events.QUALITY_CHANGE_RENDERED, events.STREAM_ACTIVATED];
  for (const event of renditions) player.on(event, () => report.onRenditions());
  player.on(events.FRAGMENT_LOADING_COMPLETED, (event: { error?: unknown }) => {
    const failed = event.error !== undefined && event.error !== null;
    report.onTrouble(failed ? "The network is slow or gone. Trying again…" : undefined);
  });
  player.on(events.ERROR, ({ error }: { error?: unknown }) => {
    const { code, message } = detailsOf(error);
    if (code === TIME_SYNC_FAILED) return;
    if (NETWORK_CODES.has(code)) report.onFailure({ kind: "network", text: "The stream cannot be reached" });
    else report.onFailure({ kind: "media", text: `This browser cannot play the stream over DASH (${message})` });
  });
}

/** dash.js reports errors as objects or as plain words. */
function detailsOf(error: unknown): { code: number; message: string } {
  if (typeof error !== "object" || error === null) return { code: 0, message: String(error) };
  const code = "code" in error && typeof error.code === "number" ? error.code : 0;
  const message = "message" in error && typeof error.message === "string" ? error.message : `error ${code}`;
  return { code, message };
}
