/** Why a {@link Deadline} aborted when its parent did not. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** A signal with a time limit; dispose it when the wait is over. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * A signal that aborts with `parent` or after `ms`, whichever comes first.
 *
 * `AbortSignal.any([parent, AbortSignal.timeout(ms)])` is no substitute on Node 20: its timeout half can be
 * garbage-collected before it fires (nodejs/node#57736), and the wait then never ends.
 */
export function deadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  const timer = setTimeout(() => controller.abort(new TimedOut(`no answer within ${ms} ms`)), ms);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });

  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      parent.removeEventListener("abort", follow);
    },
  };
}
