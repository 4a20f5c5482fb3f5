import { setTimeout as sleep } from "node:timers/promises";
import { wallMs } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { Scope } from "../../core/scope.ts";
import type { EventType, ServerEvent } from "../../protocol/events.ts";
import type { HookStore, StoredHook } from "./hook-store.ts";
import { postEvent } from "./post-event.ts";

/** The waits between tries; the last one is repeated. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;
/** A receiver that takes nothing keeps so many events waiting; then the oldest are given up. */
const MAX_PENDING = 10_000;
/** Once the broadcast is over nobody needs these any more: they are tried once, and not again. */
const OF_THE_MOMENT: ReadonlySet<EventType> = new Set([
  "channel.live",
  "rendition.available",
  "rendition.dropped",
  "broadcast.interrupted",
  "broadcast.resumed",
  "encoder.restarted",
  "viewers.threshold",
  "analysis",
]);

/** What the sender is made with. */
export interface HookSenderOptions {
  readonly hook: StoredHook;
  readonly store: HookStore;
  readonly report: (event: string, details: Record<string, unknown>) => void;
  /** Tests are in a hurry. */
  readonly retryMs?: readonly number[];
}

/**
 * Tells one receiver of events: those of one broadcast in their order, one after the other, those of different ones side
 * by side. What it has not taken is kept over restarts and tried again.
 */
export class HookSender implements AsyncDisposable {
  readonly hook: StoredHook;
  readonly #options: HookSenderOptions;
  readonly #scope = new Scope();
  /** What waits, by broadcast; what belongs to none has a lane of its own. */
  readonly #lanes = new Map<string, ServerEvent[]>();
  readonly #over = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #pending = 0;
  #problem: string | undefined;
  #deliveredMs: number | undefined;

  constructor(options: HookSenderOptions) {
    this.hook = options.hook;
    this.#options = options;
    const left = options.store.pending(options.hook.id);
    for (const event of left) this.#noteEnd(event);
    for (const event of left) this.#queue(event);
  }

  get state(): { pending: number; problem: string | null; deliveredAt: string | null } {
    const deliveredAt = this.#deliveredMs === undefined ? null : new Date(this.#deliveredMs).toISOString();
    return { pending: this.#pending, problem: this.#problem ?? null, deliveredAt };
  }

  /** Takes an event if it is one that the receiver wants. */
  take(event: ServerEvent): void {
    const { types, id } = this.hook;
    if (types.length === 0 ? event.type === "analysis" : !types.includes(event.type)) return this.#noteEnd(event);
    this.#noteEnd(event);
    this.#options.store.add(id, event);
    this.#queue(event);
  }

  /** What has not been taken stays in the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await Promise.all(this.#running);
  }

  #noteEnd({ type, broadcast, data }: ServerEvent): void {
    if (type === "broadcast.ended" && broadcast !== undefined && data.reason !== "suspended") this.#over.add(broadcast);
  }

  #queue(event: ServerEvent): void {
    const name = event.broadcast ?? "";
    const lane = this.#lanes.get(name);
    this.#pending += 1;
    if (lane !== undefined) lane.push(event);
    else {
      const fresh = [event];
      this.#lanes.set(name, fresh);
      this.#follow(this.#run(name, fresh));
    }
    if (this.#pending > MAX_PENDING) this.#giveUpOldest();
  }

  #follow(run: Promise<void>): void {
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  async #run(name: string, lane: ServerEvent[]): Promise<void> {
    for (let event = lane[0]; event !== undefined && !this.#scope.signal.aborted; event = lane[0]) {
      if (!(await this.#deliver(event))) return;
      this.#done(lane, event);
    }
    this.#lanes.delete(name);
    this.#over.delete(name);
  }

  /** Resolves when the event needs not be tried again; false when this process ends before that. */
  async #deliver(event: ServerEvent): Promise<boolean> {
    const { signal } = this.#scope;
    const waits = this.#options.retryMs ?? RETRY_MS;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await postEvent(this.hook, event, signal);
        this.#problem = undefined;
        this.#deliveredMs = wallMs();
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        this.#fail(event, error, failures);
      }
      if (this.#isPointless(event)) return true;
      const waitMs = waits[Math.min(failures, waits.length - 1)] ?? 0;
      // Receivers that come back are not met by everybody at once.
      await sleep(waitMs * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => {});
    }
    return false;
  }

  #isPointless(event: ServerEvent): boolean {
    return OF_THE_MOMENT.has(event.type) && event.broadcast !== undefined && this.#over.has(event.broadcast);
  }

  #fail(event: ServerEvent, error: unknown, failures: number): void {
    this.#problem = messageOf(error);
    if (failures > 0) return;
    const { id: hook, url } = this.hook;
    const host = new URL(url).host;
    this.#options.report("a hook did not take an event", { hook, host, event: event.type, reason: this.#problem });
  }

  #done(lane: ServerEvent[], event: ServerEvent): void {
    if (lane[0] !== event) return;
    lane.shift();
    this.#pending -= 1;
    this.#options.store.remove(this.hook.id, event.id);
  }

  #giveUpOldest(): void {
    const lanes = [...this.#lanes.values()].filter((lane) => lane.length > 1);
    // The first of a lane is on its way.
    const oldest = lanes.toSorted((a, b) => (a[1]?.id ?? 0) - (b[1]?.id ?? 0))[0]?.splice(1, 1)[0];
    if (oldest === undefined) return;
    this.#pending -= 1;
    this.#options.store.remove(this.hook.id, oldest.id);
  }
}
