import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Client, isGood, textOf } from "../client.ts";
import { Collector } from "./collector.ts";
import type { RenditionEntry } from "./multivariant.ts";
import { edgeOf, type MediaPlaylist, nextOf, type Position } from "./playlist.ts";
import { isPlaylist, readPlaylist } from "./read-playlist.ts";

/** One answer to a request for a media playlist that is one. */
export interface Snapshot {
  readonly answer: Answer;
  /** What a blocking reload asked for; undefined of a plain one. */
  readonly asked: Position | undefined;
  readonly playlist: MediaPlaylist;
}

/** A pause between two plain reloads, and after an answer that was none. */
const POLL_MS = 250;
/** Longest that a blocking reload may be held, in target durations, with room to see a server exceed it (§6.2.5.2). */
const HOLD_TARGETS = 4;
const TARGET_OTHERWISE = 6;

/** Follows one media playlist, and fetches what is new in it. */
export class RenditionWatch {
  readonly entry: RenditionEntry;
  /** Its place, for people. */
  readonly name: string;
  readonly media: Collector;
  readonly snapshots: Snapshot[] = [];
  /** Answers that were no playlist. */
  readonly refusals: { readonly answer: Answer; readonly asked: Position | undefined }[] = [];
  readonly #client: Client;

  constructor(entry: RenditionEntry, name: string, client: Client) {
    this.entry = entry;
    this.name = name;
    this.#client = client;
    this.media = new Collector(client);
  }

  /** The newest playlist; there is one once {@link load} has answered true. */
  get latest(): MediaPlaylist {
    const last = this.snapshots.at(-1);
    if (last === undefined) throw new Error(`${this.name} was never seen`);
    return last.playlist;
  }

  get playlists(): readonly MediaPlaylist[] {
    return this.snapshots.map(({ playlist }) => playlist);
  }

  /** Asks for the playlist, with directives if `asked` has any, and takes note of what comes. */
  async load(asked?: Position): Promise<boolean> {
    const answer = await this.ask(asked === undefined ? {} : directives(asked));
    const text = textOf(answer);
    if (!isGood(answer) || !isPlaylist(text)) {
      this.refusals.push({ answer, asked });
      return false;
    }
    const playlist = readPlaylist(this.entry.url, text);
    this.snapshots.push({ answer, asked, playlist });
    this.media.take(playlist, answer.endAt);
    return true;
  }

  /** Asks for the playlist with any directives and keeps no note of it. */
  ask(query: Readonly<Record<string, string | number>>): Promise<Answer> {
    const url = new URL(this.entry.url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const targets = (this.snapshots.at(-1)?.playlist.targetSeconds ?? TARGET_OTHERWISE) * HOLD_TARGETS;
    return this.#client.get(url.href, { limitMs: targets * 1000 + 5_000 });
  }

  /** The same, read as a playlist; undefined when the answer is none. */
  async askPlaylist(query: Readonly<Record<string, string | number>>) {
    const answer = await this.ask(query);
    const text = textOf(answer);
    const good = isGood(answer) && isPlaylist(text);
    return { answer, playlist: good ? readPlaylist(this.entry.url, text) : undefined };
  }

  /** Reloads until `until` (on the clock of `performance.now()`) or the end of the playlist. */
  async follow(until: number): Promise<void> {
    while (performance.now() < until && !this.latest.ended && !this.#client.signal.aborted) {
      const before = edgeOf(this.latest);
      const blocking = canBlock(this.latest);
      const good = await this.load(blocking ? askFor(this.latest) : undefined);
      const after = edgeOf(this.latest);
      // A server that answers at once with nothing new would be asked in circles.
      const isNew = after.number !== before.number || after.part !== before.part;
      if (!good || !blocking || !isNew) await sleep(Math.min(POLL_MS, Math.max(0, until - performance.now())));
    }
  }
}

/** CAN-BLOCK-RELOAD (§4.4.3.8). */
export function canBlock({ serverControl }: MediaPlaylist): boolean {
  return serverControl?.get("CAN-BLOCK-RELOAD") === "YES";
}

function askFor(playlist: MediaPlaylist): Position {
  const { number, part } = nextOf(playlist);
  return { number, part: playlist.partTarget === undefined ? undefined : part };
}

/** A position as the directives of a request. */
export function directives({ number, part }: Position): Record<string, number> {
  return part === undefined ? { _HLS_msn: number } : { _HLS_msn: number, _HLS_part: part };
}
