/** What there is to say about some figures. */
export interface Summary {
  readonly min: number;
  readonly avg: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Sums up those figures that are known; null when none is. */
export function summarize(figures: readonly (number | null | undefined)[]): Summary | null {
  const sorted = figures.filter((figure) => figure !== null && figure !== undefined).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  if (sorted.length === 0) return null;
  const sum = sorted.reduce((total, figure) => total + figure, 0);
  return { min: at(0), avg: sum / sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}
