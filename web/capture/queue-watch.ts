/** More than this in the socket and the broadcast is given up: memory is not endless, and nobody watches minutes late. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** How well the connection keeps up. */
export interface QueueState {
  readonly level: "fine" | "slow" | "stuck" | "over";
  /** How far behind the queue puts this broadcast. */
  readonly behindSeconds: number;
}

const SLOW_SECONDS = 1;
const STUCK_SECONDS = 5;

/** Judges what waits in the socket by how long it would take at the broadcast's own bit rate. */
export function judgeQueue(queuedBytes: number, bitsPerSecond: number): QueueState {
  const behindSeconds = (queuedBytes * 8) / Math.max(1, bitsPerSecond);
  if (queuedBytes > MAX_QUEUED_BYTES) return { level: "over", behindSeconds };
  if (behindSeconds >= STUCK_SECONDS) return { level: "stuck", behindSeconds };
  return { level: behindSeconds >= SLOW_SECONDS ? "slow" : "fine", behindSeconds };
}

/** What to say about it; undefined while all is well. */
export function queueWarning(state: QueueState): string | undefined {
  if (state.level === "fine") return undefined;
  const behind = `${Math.round(state.behindSeconds)} s of video wait to be sent.`;
  if (state.level === "slow") return `Your connection is slower than the bit rate. ${behind}`;
  return `Your connection does not keep up. ${behind} Stop, and start again with a lower bit rate.`;
}
