import "../ui/zod-setup.ts";
import { z } from "zod";
import { broadcastId, channelName } from "../../server/protocol/names.ts";

const KEY = "millrace-unfinished-broadcast";

const ticketSchema = z.object({ channel: channelName, broadcast: broadcastId, resume: z.string() });

/** What it takes to go on with a broadcast. The token is a secret. */
export type ResumeTicket = z.infer<typeof ticketSchema>;

/** Remembers the running broadcast over a crash of the page, and a reload while the server is out of reach. */
export interface BroadcastMemory {
  /** A broadcast on this channel that this tab began and nobody goes on with. */
  recall(channel: string): Promise<ResumeTicket | undefined>;
  /** This page goes on with it now. */
  remember(ticket: ResumeTicket): void;
  /** It is over. */
  forget(): void;
  /** It is not over, but this page goes on with it no longer. */
  leave(): void;
}

/** In the tab's own storage, which goes with the tab. Where the browser has no locks nothing is remembered. */
export class TabMemory implements BroadcastMemory {
  #release: () => void = () => {};
  #held: string | undefined;

  async recall(channel: string): Promise<ResumeTicket | undefined> {
    const ticket = stored();
    if (ticket?.channel !== channel || navigator.locks === undefined) return undefined;
    // A duplicated tab has a copy of the storage, while the first one is still live.
    const { held = [] } = await navigator.locks.query();
    return held.some((lock) => lock.name === lockOf(ticket)) ? undefined : ticket;
  }

  remember(ticket: ResumeTicket): void {
    if (navigator.locks === undefined) return;
    try {
      sessionStorage.setItem(KEY, JSON.stringify(ticket));
    } catch {
      return;
    }
    if (this.#held === ticket.broadcast) return;
    this.leave();
    this.#held = ticket.broadcast;
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    void navigator.locks.request(lockOf(ticket), () => released);
  }

  leave(): void {
    this.#release();
    this.#held = undefined;
  }

  forget(): void {
    this.leave();
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // A page that may not store anything has nothing to forget.
    }
  }
}

function stored(): ResumeTicket | undefined {
  try {
    return ticketSchema.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? "null")).data;
  } catch {
    return undefined;
  }
}

function lockOf({ broadcast }: ResumeTicket): string {
  return `${KEY}/${broadcast}`;
}
