/** The value below which `share` (0 to 1) of the values lie; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The middle one. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** For people: seconds with at most three digits after the point. */
export const seconds = (value: number): string => `${Number(value.toFixed(3))} s`;

/** For people: whole milliseconds. */
export const ms = (value: number): string => `${Math.round(value)} ms`;

/** The largest; 0 of none. */
export const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** What differs from its predecessor, or comes first. */
export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
