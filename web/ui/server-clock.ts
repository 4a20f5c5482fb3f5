/** How far the server's clock is ahead of this machine's, in ms, and how wrong that may be. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly errorMs: number;
}

const SAMPLES = 5;

/** One question about the time: asked and answered on this machine's clock, with the server's time in between. */
export interface ClockSample {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly serverMs: number;
}

/** The offset by the quickest sample: the less time the answer took, the less the server's time can be off. */
export function offsetOf(samples: readonly ClockSample[]): ClockOffset | undefined {
  const quickest = samples.toSorted((a, b) => a.answeredMs - a.askedMs - (b.answeredMs - b.askedMs)).at(0);
  if (quickest === undefined) return undefined;
  const halfMs = (quickest.answeredMs - quickest.askedMs) / 2;
  return { offsetMs: quickest.serverMs - (quickest.askedMs + halfMs), errorMs: halfMs };
}

/** Asks the server for its time. Unreachable: this machine's own clock counts. */
export async function measureClock(path = "/time"): Promise<ClockOffset> {
  const samples: ClockSample[] = [];
  for (let round = 0; round < SAMPLES; round += 1) {
    const askedMs = nowMs();
    const serverMs = await askTime(path);
    if (serverMs === undefined) break;
    samples.push({ askedMs, answeredMs: nowMs(), serverMs });
  }
  return offsetOf(samples) ?? { offsetMs: 0, errorMs: Number.POSITIVE_INFINITY };
}

/** Unix time in ms with fractions, on this machine's clock. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

async function askTime(path: string): Promise<number | undefined> {
  try {
    const response = await fetch(path, { cache: "no-store" });
    const serverMs = response.ok ? Date.parse((await response.text()).trim()) : Number.NaN;
    return Number.isNaN(serverMs) ? undefined : serverMs;
  } catch {
    return undefined;
  }
}
