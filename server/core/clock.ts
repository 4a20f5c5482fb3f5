const epochMs = Date.now() - performance.now();

/** Milliseconds on the monotonic clock; only differences mean anything. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * Unix time in ms that never runs backwards: the wall clock at the start of the process plus monotonic time, so that
 * arrival times and program dates keep their distances when the machine's clock is set.
 */
export function wallMs(): number {
  return epochMs + performance.now();
}
