import { nowMs } from "../../ui/server-clock.ts";
import {
  type DelayControl,
  type Engine,
  type EngineFigures,
  type EngineRequest,
  emptyPicture,
  type OpenEngine,
  type RenditionChoice,
} from "../engine.ts";
import type { Moment } from "../events/marks.ts";
import { Intake } from "./intake.ts";
import type { LiveLink } from "./link.ts";
import { Pictures } from "./pictures.ts";
import { Pilot } from "./pilot.ts";
import { TargetDelay } from "./target-delay.ts";

const STEP_MS = 100;
const SECOND_MS = 1_000;
/** How often the server is told how it goes. */
const REPORT_MS = 5_000;
/** How far behind the picture media is kept: the server's window, which is what other deliveries can rewind. */
const KEPT_SECONDS = 60;
/** A broadcast of which nothing comes for so long does not get through here. */
const NOTHING_MS = 12_000;
/** Words about a slow connection stay for so long. */
const SLOW_WORDS_MS = 8_000;
/** Time between the arrival of a picture and the moment that it must be decoded and on its way to the screen. */
const PICTURE_MARGIN_MS = 5;
/** The same for sound, of which browsers take some ahead and some more to change its speed. */
const SOUND_MARGIN_MS = 100;
/** The share of pictures that must come in time where a late one does no harm. */
const MOST = 0.8;
/** Media that comes so much later than the delay allows leaves the picture without any. */
const OVERDUE_MS = 300;

const SLOW_WORDS = "Your connection is too slow for this picture, so some of it was left out.";

/** Makes the engine that plays what comes over `link`, at the delay that the viewer wants (ms; undefined: automatic). */
export function socketOpener(link: LiveLink, wishMs: () => number | undefined): OpenEngine {
  return async (request) => new SocketEngine(request, link, wishMs());
}

/** The live socket in a media source, held at its delay. */
class SocketEngine implements Engine, DelayControl, EngineFigures {
  readonly #video: HTMLVideoElement;
  readonly #report: EngineRequest["report"];
  readonly #link: LiveLink;
  readonly #target = new TargetDelay();
  readonly #pictures: Pictures;
  readonly #intake: Intake;
  readonly #pilot: Pilot;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  readonly #listening = new AbortController();
  #isSilent = false;
  #trouble: string | undefined;
  #joinMs: number | undefined;
  #slowUntilMs = 0;

  constructor({ video, report }: EngineRequest, link: LiveLink, wishMs: number | undefined) {
    this.#video = video;
    this.#report = report;
    this.#link = link;
    this.#target.wishMs = wishMs;
    this.#pictures = new Pictures((name) => link.send({ type: "choose", video: name }));
    this.#intake = this.#takeIn();
    this.#pilot = new Pilot({
      video,
      target: this.#target,
      serverNowMs: () => nowMs() + (link.clock.offsetMs ?? 0),
      clock: () => this.#intake.clock,
      onSilence: (silent) => this.#onSilence(silent),
    });
    const { signal } = this.#listening;
    const openedMs = nowMs();
    const noteJoin = () => {
      this.#joinMs = nowMs() - openedMs;
    };
    video.addEventListener("playing", noteJoin, { signal, once: true });
    video.addEventListener(
      "error",
      () => this.#intake.recover(`The browser's player stopped: ${wordsOf(video.error)}`),
      {
        signal,
      },
    );
    document.addEventListener("visibilitychange", () => document.hidden || link.check(), { signal });
    this.#timers = [
      setInterval(() => this.#step(), STEP_MS),
      setInterval(() => this.#everySecond(), SECOND_MS),
      setInterval(() => this.#tellServer(), REPORT_MS),
    ];
    link.attach(this.#intake);
  }

  get renditions(): readonly RenditionChoice[] {
    return this.#pictures.choices;
  }

  get playing(): string | undefined {
    return this.#pictures.playing;
  }

  choose(id: string | undefined): void {
    this.#pictures.choose(id);
  }

  get delaySeconds(): number | undefined {
    const { delayMs } = this.#pilot;
    return delayMs === undefined || this.#link.clock.offsetMs === undefined ? undefined : delayMs / 1000;
  }

  get livePosition(): number | undefined {
    return this.#intake.isOver ? undefined : this.#pilot.livePosition;
  }

  /** What comes over the socket keeps the broadcast's times. */
  get moment(): Moment {
    return { clock: "media", seconds: this.#video.currentTime };
  }

  get isBehind(): boolean {
    return this.#pilot.staysBehind || this.#video.paused;
  }

  get isHolding(): boolean {
    return this.#pilot.isHolding;
  }

  goLive(): void {
    this.#pilot.goLive();
  }

  get delay(): DelayControl {
    return this;
  }

  get wishMs(): number | undefined {
    return this.#target.wishMs;
  }

  set wishMs(ms: number | undefined) {
    this.#target.wishMs = ms;
  }

  get targetMs(): number {
    return this.#target.ms;
  }

  get figures(): EngineFigures {
    return this;
  }

  get roundTripMs(): number | undefined {
    return this.#link.clock.roundTripMs;
  }

  get bitsPerSecond(): number | undefined {
    return this.#intake.arrivals.bitsPerSecond(nowMs());
  }

  get skips(): number {
    return this.#intake.skips;
  }

  get jumps(): number {
    return this.#pilot.jumps;
  }

  windDown(): void {}

  close(): void {
    this.#listening.abort();
    for (const timer of this.#timers) clearInterval(timer);
    this.#link.detach(this.#intake);
    this.#pilot.close();
    this.#intake.close();
    emptyPicture(this.#video);
  }

  #takeIn(): Intake {
    return new Intake(this.#video, this.#link, this.#pictures, {
      onBegin: (first, last) => this.#pilot.begin(first, last),
      onMedia: () => this.#setTrouble(nowMs() < this.#slowUntilMs ? SLOW_WORDS : undefined),
      onPictures: () => {
        if (this.#isSilent) this.#link.send({ type: "pause" });
        this.#report.onRenditions();
      },
      onSkipped: () => {
        this.#slowUntilMs = nowMs() + SLOW_WORDS_MS;
      },
      onHeard: () => {
        this.#target.update(nowMs(), this.#leastMs);
        this.#pilot.resync();
      },
      onTrouble: (text) => this.#setTrouble(text),
      onFailure: (kind, text) => this.#report.onFailure({ kind, text }),
    });
  }

  #onSilence(silent: boolean): void {
    this.#isSilent = silent;
    this.#intake.expectOld();
    this.#link.send({ type: silent ? "pause" : "resume" });
  }

  #step(): void {
    this.#intake.followClock();
    // Nobody looks, and the browser gives the page little time: what comes late then is no fault of the line.
    if (!document.hidden) this.#target.update(nowMs(), this.#leastMs);
    if (!this.#intake.isOver) this.#pilot.step();
  }

  /** The least delay that everything comes in time for, in ms; undefined while that is not known. */
  get #leastMs(): number | undefined {
    const { arrivals, isSoundIdle } = this.#intake;
    // Without a sound to wait for, a picture that comes late is shown late, and nothing stops.
    const picture = arrivals.usualMs("video", nowMs(), this.#intake.has("audio") ? MOST : 1);
    const sound = isSoundIdle ? undefined : arrivals.usualMs("audio", nowMs(), 1);
    const least = [picture && picture + PICTURE_MARGIN_MS, sound && sound + SOUND_MARGIN_MS];
    const known = least.filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  }

  #everySecond(): void {
    const { arrivals, skips } = this.#intake;
    this.#intake.trim(this.#video.currentTime - KEPT_SECONDS);
    if (this.#intake.expectingMs > NOTHING_MS && !this.#isSilent) this.#intake.onBlocked("nothing comes over it");
    if (document.hidden || this.#isSilent) return;
    const overdueMs = (arrivals.newestMs("video") ?? 0) - this.#target.ms - OVERDUE_MS;
    const { bitsPerSecond } = this;
    this.#pictures.look({ nowMs: nowMs(), skips, overdueMs, bitsPerSecond, burst: this.#intake.takeBurst() });
  }

  #tellServer(): void {
    const { buffered, currentTime } = this.#video;
    const end = buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);
    this.#link.send({
      type: "report",
      bufferMs: Math.max(0, end - currentTime) * 1000,
      delayMs: this.delaySeconds === undefined ? null : Math.max(0, this.delaySeconds * 1000),
      stalls: this.#pilot.underruns,
      droppedFrames: this.#video.getVideoPlaybackQuality().droppedVideoFrames,
      rendition: this.playing ?? null,
      roundTripMs: this.roundTripMs ?? null,
      joinMs: this.#joinMs ?? null,
      kbps: this.bitsPerSecond === undefined ? null : Math.round(this.bitsPerSecond / 1000),
    });
  }

  #setTrouble(text: string | undefined): void {
    if (text === this.#trouble) return;
    this.#trouble = text;
    this.#report.onTrouble(text);
  }
}

function wordsOf(error: MediaError | null): string {
  return error?.message || `error ${error?.code ?? "?"}`;
}
