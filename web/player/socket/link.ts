import {
  LIVE_CLOSE,
  type LiveClientMessage,
  type LiveRecord,
  type LiveServerMessage,
} from "../../../server/protocol/live.ts";
import { Backlog } from "./backlog.ts";
import { retryWaitMs } from "./backoff.ts";
import { ClockSync } from "./clock-sync.ts";
import { Connection, type ConnectionEnd } from "./connection.ts";
import type { OpenWire } from "./wire.ts";

/** What the server says first about a broadcast, and again when it changes. */
export type Tracks = Extract<LiveServerMessage, { type: "tracks" }>;

/** What the server says about the channel. */
export type LinkNews =
  | { readonly kind: "offline" }
  | { readonly kind: "starting" }
  | { readonly kind: "live"; readonly broadcast: string; readonly hasSound: boolean };

/** Who plays what comes over a link. */
export interface LinkUser {
  /** The broadcast that it plays; undefined until it knows. */
  readonly broadcast: string | undefined;
  onWords(words: LiveServerMessage): void;
  onRecords(records: readonly LiveRecord[], bytes: number): void;
  /** The connection is gone and is being made again. */
  onLost(text: string): void;
  /** This way is closed, though the server is there. */
  onBlocked(text: string): void;
  /** Its broadcast is over; it has been detached. */
  onOver(): void;
}

/** What a link is made with. */
export interface LinkParts {
  /** The socket's address; `video` is the picture to begin with. */
  readonly addressOf: (video: string | undefined) => string;
  readonly openWire: OpenWire;
  /** Whether the server answers at all: a socket that fails while it does not is no fault of the socket. */
  readonly isServerThere: () => Promise<boolean>;
  readonly nowMs: () => number;
  readonly retryWaitMs?: (tries: number) => number;
}

/** So many failures in a row, with the server there, close this way. */
const MAX_FAILURES = 2;
/** A connection that ends sooner than this was not worth much: it counts as a failure. */
const SHORT_MS = 3_000;
/** A probe that has heard nothing by then has failed. */
const PROBE_MS = 5_000;

/**
 * Keeps one connection to a channel's live socket: makes it again when it breaks, and says what the server says about
 * the channel. Whoever plays attaches itself; what came shortly before is kept for it.
 */
export class LiveLink {
  readonly clock = new ClockSync();
  /** The picture to ask for when the connection is made again, by its track's name. */
  video: string | undefined;
  /** Told whenever {@link news} or {@link blocked} changes. */
  onNews: () => void = () => {};
  /** The server has told that this viewer may not watch any more, and why. */
  onRefused: (why: string) => void = () => {};
  /** Told of everything that the server says. */
  onWords: (words: LiveServerMessage) => void = () => {};
  readonly #parts: LinkParts;
  readonly #backlog = new Backlog();
  #connection: Connection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #user: LinkUser | undefined;
  #news: LinkNews | undefined;
  #blocked: string | undefined;
  #tries = 0;
  #failures = 0;
  #isRunning = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** What the server said last over a connection that still stands; undefined without one. */
  get news(): LinkNews | undefined {
    return this.#news;
  }

  /** Why this way is closed, in words. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Connects, and keeps connected until {@link rest}. Does nothing when it runs already. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#blocked = undefined;
    this.#failures = 0;
    this.#tries = 0;
    this.#connect();
  }

  /** Lets go of the connection; another delivery is used. */
  rest(): void {
    this.#isRunning = false;
    this.#disconnect();
  }

  /** Tries whether the way is open again, and if so stays connected. Resolves with what came of it. */
  probe(): Promise<boolean> {
    this.rest();
    return new Promise((resolve) => {
      const told = this.onNews;
      const settle = (isOpen: boolean) => {
        clearTimeout(timer);
        this.onNews = told;
        if (isOpen) told();
        else this.rest();
        resolve(isOpen);
      };
      const timer = setTimeout(() => settle(false), PROBE_MS);
      this.onNews = () => {
        if (this.#news !== undefined) settle(true);
        else if (this.#blocked !== undefined) settle(false);
      };
      this.start();
    });
  }

  /** Gives everything that comes to `user`, beginning with what has come since the track list. */
  attach(user: LinkUser): void {
    this.#user = user;
    if (this.#blocked !== undefined) return user.onBlocked(this.#blocked);
    if (!this.#backlog.giveTo(user)) this.restart();
  }

  detach(user: LinkUser): void {
    if (this.#user !== user) return;
    this.#user = undefined;
    this.#backlog.lose();
  }

  /** Connects anew: the server begins again with the track list and the newest key frame. */
  restart(): void {
    if (!this.#isRunning) return;
    this.#disconnect();
    this.#connect();
  }

  /** The machine may have slept. */
  check(): void {
    this.#connection?.check();
  }

  send(message: LiveClientMessage): void {
    this.#connection?.send(message);
  }

  #connect(): void {
    const { openWire, nowMs, addressOf } = this.#parts;
    this.#backlog.begin();
    const report = {
      onWords: (words: LiveServerMessage) => this.#onWords(words),
      onRecords: (records: readonly LiveRecord[], bytes: number) => this.#onRecords(records, bytes),
      onEnd: (end: ConnectionEnd) => void this.#onEnd(end),
    };
    this.#connection = new Connection({ url: addressOf(this.video), openWire, clock: this.clock, nowMs, report });
  }

  #disconnect(): void {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#connection = undefined;
    this.#backlog.begin();
    this.#setNews(undefined);
  }

  #onWords(words: LiveServerMessage): void {
    this.onWords(words);
    if (words.type === "ended" || (words.type === "waiting" && this.#user?.broadcast !== undefined)) this.#letGo();
    if (words.type === "tracks") this.#begin(words);
    if (words.type === "event") return;
    if (this.#user === undefined) this.#backlog.addWords(words);
    else this.#user.onWords(words);
    const news = newsOf(words);
    if (news !== undefined) this.#setNews(news);
  }

  /** Who plays another broadcast has no use for this one. */
  #begin({ broadcast }: Tracks): void {
    const played = this.#user?.broadcast;
    if (played !== undefined && played !== broadcast) this.#letGo();
    const known = this.#news?.kind === "live" ? this.#news.broadcast : undefined;
    if (this.#user === undefined && known !== broadcast) this.#backlog.begin();
  }

  #letGo(): void {
    const user = this.#user;
    this.#user = undefined;
    this.#backlog.lose();
    user?.onOver();
  }

  #onRecords(records: readonly LiveRecord[], bytes: number): void {
    if (this.#user === undefined) this.#backlog.addRecords(records, bytes);
    else this.#user.onRecords(records, bytes);
  }

  async #onEnd(end: ConnectionEnd): Promise<void> {
    const connection = this.#connection;
    this.#disconnect();
    if (end.code === LIVE_CLOSE.forbidden) this.onRefused(end.reason);
    if (end.code === LIVE_CLOSE.forbidden || end.code === LIVE_CLOSE.full || end.code === LIVE_CLOSE.badMessage)
      return this.#block(end.reason);
    if (end.wasAlive && end.lastedMs > SHORT_MS) {
      this.#tries = 0;
      this.#failures = 0;
    } else if (end.code !== LIVE_CLOSE.restarting && (await this.#parts.isServerThere())) this.#failures += 1;
    // While the server was asked, somebody may have let go or connected anew.
    if (!this.#isRunning || this.#connection !== undefined || connection === undefined) return;
    if (this.#failures >= MAX_FAILURES) return this.#block("the socket does not come through");
    this.#user?.onLost("The connection was lost");
    this.#timer = setTimeout(() => this.#connect(), (this.#parts.retryWaitMs ?? retryWaitMs)(this.#tries));
    this.#tries += 1;
  }

  #block(reason: string): void {
    this.#isRunning = false;
    this.#blocked = reason;
    this.onNews();
    this.#user?.onBlocked(reason);
  }

  #setNews(news: LinkNews | undefined): void {
    if (JSON.stringify(news) === JSON.stringify(this.#news)) return;
    this.#news = news;
    this.onNews();
  }
}

function newsOf(words: LiveServerMessage): LinkNews | undefined {
  if (words.type === "ended") return { kind: "offline" };
  if (words.type === "waiting") return { kind: words.reason };
  if (words.type !== "tracks") return undefined;
  return { kind: "live", broadcast: words.broadcast, hasSound: words.audio !== null };
}
