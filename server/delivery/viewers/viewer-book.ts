import { monotonicMs, wallMs } from "../../core/clock.ts";
import { maskAddress } from "../../core/mask-address.ts";
import type { DeliveryName, ViewerStats } from "../../protocol/stats.ts";
import type { PlayerReport } from "./cmcd.ts";

/** Who has asked for nothing for so long watches no more: the longest segments are shorter. */
const GONE_MS = 20_000;
const SWEEP_MS = 5_000;
/** More are served, and not counted one by one. */
const MAX_PLAYERS = 50_000;

/** Something that a player over HTTP has asked for, or said. */
export interface PlayerSign {
  readonly channel: string;
  readonly address: string | undefined;
  /** Tells players apart that say nothing of themselves. */
  readonly visitor: string;
  /** By what was asked for; undefined when that tells nothing. */
  readonly delivery: DeliveryName | undefined;
  readonly bytes: number;
  readonly report: PlayerReport | undefined;
}

interface Player {
  readonly address: string;
  readonly sinceMs: number;
  seenMs: number;
  delivery: DeliveryName;
  bytes: number;
  stalls: number;
  report: PlayerReport;
}

/** Who watches over HLS and DASH: by what players say of themselves (CMCD), else by address and kind of program. */
export class ViewerBook implements Disposable {
  /** By channel, then by session. */
  readonly #channels = new Map<string, Map<string, Player>>();
  readonly #timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  /** Bytes so far, by channel; what was live once is not much. */
  readonly #bytes = new Map<string, number>();
  #size = 0;

  /** Notes that somebody is here. */
  note(sign: PlayerSign): void {
    const { channel, address, visitor, report, delivery, bytes } = sign;
    if (bytes > 0) this.#bytes.set(channel, this.bytesOn(channel) + bytes);
    const players = this.#channels.get(channel) ?? new Map<string, Player>();
    const name = report?.session ?? visitor;
    const known = players.get(name);
    if (known === undefined && this.#size >= MAX_PLAYERS) return;
    const player = known ?? newPlayer(address);
    if (known === undefined) {
      this.#channels.set(channel, players.set(name, player));
      this.#size += 1;
    }
    player.seenMs = monotonicMs();
    player.delivery = report?.delivery ?? delivery ?? player.delivery;
    player.bytes += bytes;
    if (report !== undefined) this.#learn(player, report);
  }

  /** Bytes that players of a channel were sent since the server has started. */
  bytesOn(channel: string): number {
    return this.#bytes.get(channel) ?? 0;
  }

  /** Who watches a channel now. */
  on(channel: string): ViewerStats[] {
    const now = monotonicMs();
    const players = [...(this.#channels.get(channel)?.values() ?? [])];
    return players.filter(({ seenMs }) => now - seenMs < GONE_MS).map(statsOf);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#channels.clear();
  }

  #learn(player: Player, report: PlayerReport): void {
    if (report.starved === true) player.stalls += 1;
    // Not each says everything each time.
    const said = Object.entries(report).filter(([, value]) => value !== undefined);
    player.report = { ...player.report, ...Object.fromEntries(said) };
  }

  #sweep(): void {
    const now = monotonicMs();
    for (const [channel, players] of this.#channels) {
      for (const [name, { seenMs }] of players) {
        if (now - seenMs < GONE_MS) continue;
        players.delete(name);
        this.#size -= 1;
      }
      if (players.size === 0) this.#channels.delete(channel);
    }
  }
}

function newPlayer(address: string | undefined): Player {
  const nowMs = monotonicMs();
  const sinceMs = wallMs();
  return { address: maskAddress(address), sinceMs, seenMs: nowMs, delivery: "hls", bytes: 0, stalls: 0, report: {} };
}

function statsOf({ address, sinceMs, delivery, bytes, stalls, report }: Player): ViewerStats {
  return {
    delivery,
    address,
    since: new Date(sinceMs).toISOString(),
    rendition: report.encodedKbps === undefined ? null : `${Math.round(report.encodedKbps)} kbit/s`,
    kbps: report.kbps ?? null,
    bytes,
    delayMs: report.delayMs ?? null,
    bufferMs: report.bufferMs ?? null,
    stalls,
    joinMs: report.joinMs ?? null,
  };
}
