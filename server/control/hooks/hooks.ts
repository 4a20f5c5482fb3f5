import { LiveError } from "../../core/errors.ts";
import type { Hook, NewHook, ShownHook } from "../../protocol/hooks.ts";
import type { EventLog } from "../events/event-log.ts";
import { HookSender, type HookSenderOptions } from "./hook-sender.ts";
import type { HookStore, StoredHook } from "./hook-store.ts";

/** So many receivers are enough for anybody. */
const MAX_HOOKS = 50;

/** What the hooks are made with. */
export interface HooksOptions extends Pick<HookSenderOptions, "report" | "retryMs"> {
  readonly store: HookStore;
  readonly events: Pick<EventLog, "listen">;
}

/** All receivers of events. */
export class Hooks implements AsyncDisposable {
  readonly #options: HooksOptions;
  readonly #senders = new Map<string, HookSender>();
  readonly #stop: () => void;

  /** Goes on with what an earlier life of the server could not deliver. */
  constructor(options: HooksOptions) {
    this.#options = options;
    for (const hook of options.store.list()) this.#open(hook);
    this.#stop = options.events.listen((event) => {
      for (const sender of this.#senders.values()) this.#take(sender, event);
    });
  }

  list(): Hook[] {
    return [...this.#senders.values()].map(shown);
  }

  /** Throws `too_many`. */
  create(wish: NewHook): ShownHook {
    if (this.#senders.size >= MAX_HOOKS) throw new LiveError("too_many", `there are ${MAX_HOOKS} hooks already`);
    const hook = this.#options.store.create(wish);
    return { ...shown(this.#open(hook)), secret: hook.secret };
  }

  /** Throws `not_found`. */
  async delete(id: string): Promise<void> {
    const sender = this.#senders.get(id);
    if (sender === undefined) throw new LiveError("not_found", `there is no hook ${id}`);
    this.#senders.delete(id);
    await sender[Symbol.asyncDispose]();
    this.#options.store.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await Promise.all([...this.#senders.values()].map((sender) => sender[Symbol.asyncDispose]()));
  }

  #open(hook: StoredHook): HookSender {
    const sender = new HookSender({ ...this.#options, hook });
    this.#senders.set(hook.id, sender);
    return sender;
  }

  /** A full disk keeps an event from being kept, and nothing else from happening. */
  #take(sender: HookSender, event: Parameters<HookSender["take"]>[0]): void {
    try {
      sender.take(event);
    } catch (error) {
      this.#options.report("an event could not be kept for a hook", { hook: sender.hook.id, err: error });
    }
  }
}

function shown({ hook: { id, url, types, createdAt }, state }: HookSender): Hook {
  return { id, url, types: [...types], createdAt, ...state };
}
