/** How many of the lines, which are in their order, have been said at this place of a replay. */
export function linesUntil(lines: readonly { readonly seconds: number }[], seconds: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((lines[middle]?.seconds ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}
