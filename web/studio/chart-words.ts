/** A course over time as words: for those who do not see the chart, and for exact reading. */
export function courseWords(values: readonly (number | null)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  const now = values.at(-1) ?? null;
  if (known.length === 0) return "nobody has told yet";
  const [least, most] = [Math.min(...known), Math.max(...known)].map(format);
  return `${now === null ? "not known now" : `${format(now)} now`}, from ${least} to ${most}`;
}
