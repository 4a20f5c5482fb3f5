import { monotonicMs } from "../../core/clock.ts";
import { isLiveError, messageOf } from "../../core/errors.ts";
import { readBody } from "../body.ts";
import { IdleWatch } from "../idle-watch.ts";
import type { Publication, PublicationEnd } from "../publishing.ts";
import type { Pull } from "./pull.ts";

/** How one reading of a source came to its end. */
export interface RunEnd {
  /** `left`: whoever owns it has ended it. `stopped`: the server has ended its broadcast, such as for the operator. */
  readonly reason: "ended" | "failed" | "left" | "stopped";
  readonly problem: string | undefined;
  /** How long media came. */
  readonly liveMs: number;
}

/** What a run needs. */
export interface RunOptions {
  readonly open: () => Promise<Pull>;
  readonly publication: Publication;
  readonly idleMs: number;
  /** Whether what was written has become a broadcast: its header is complete. */
  readonly isLive: () => boolean;
  /** Called once, when it has. */
  readonly onLive: () => void;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** Reads a source once, from its start to its end, into a publication. Never rejects; nothing of it is left then. */
export async function runSource(options: RunOptions): Promise<RunEnd> {
  const { publication, signal } = options;
  let liveSince: number | undefined;
  const onLive = () => {
    liveSince = monotonicMs();
    options.onLive();
  };
  const why = await receive({ ...options, onLive }).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const finished = await publication.finish(endOf(why)).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const liveMs = liveSince === undefined ? 0 : monotonicMs() - liveSince;
  if (publication.stopped.aborted) {
    return { reason: "stopped", problem: messageOf(publication.stopped.reason), liveMs };
  }
  if (signal.aborted) return { reason: "left", problem: undefined, liveMs };
  const failure = why ?? finished;
  if (failure === undefined) return { reason: "ended", problem: undefined, liveMs };
  return { reason: "failed", problem: messageOf(failure.error), liveMs };
}

/** Only what our side could not take is a failure of the broadcast: what the source did ends it with what came. */
function endOf(why: { readonly error: unknown } | undefined): PublicationEnd {
  if (why === undefined) return { reason: "finished" };
  const { error } = why;
  const isOurs = isLiveError(error, "bad_container") || isLiveError(error, "no_room");
  return isOurs ? { reason: "failed", error } : { reason: "disconnected" };
}

async function receive({ open, publication, idleMs, isLive, onLive, signal }: RunOptions): Promise<void> {
  const over = new AbortController();
  const leave = () => over.abort(signal.reason);
  const stop = () => over.abort(publication.stopped.reason);
  signal.addEventListener("abort", leave, { once: true });
  publication.stopped.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    await using pull = await open();
    pull.finished.catch((error: unknown) => over.abort(error));
    let wasLive = false;
    const take = async (bytes: Uint8Array) => {
      await publication.write(bytes);
      if (!wasLive && isLive()) {
        wasLive = true;
        onLive();
      }
      await publication.room(over.signal);
      idle.heard();
    };
    using idle = new IdleWatch({ limitMs: idleMs, isPaused: () => false, onIdle: (error) => over.abort(error) });
    await readBody(pull.output, take, over.signal);
    await pull.finished;
  } finally {
    signal.removeEventListener("abort", leave);
    publication.stopped.removeEventListener("abort", stop);
  }
}
