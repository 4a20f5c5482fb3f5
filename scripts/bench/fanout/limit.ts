/** Where a search for the largest number begins and where it ends. */
export interface LimitSearch {
  /** A number that is known to be fine or not; where the doubling begins. */
  readonly start: number;
  readonly max: number;
  /** It is good enough when the smallest that is not fine is no more than so many times the largest that is. */
  readonly precision: number;
}

/** The largest number found that `isFine`, by doubling and then halving the distance; 0 when not even one is. */
export async function findLimit(search: LimitSearch, isFine: (count: number) => Promise<boolean>): Promise<number> {
  const { max, precision } = search;
  let fine = 0;
  let bad = Number.POSITIVE_INFINITY;
  for (let count = Math.min(search.start, max); count >= 1; count = nextCount(fine, bad, max)) {
    if (await isFine(count)) fine = count;
    else bad = count;
    if (fine === max || bad - fine <= 1 || bad / fine <= precision) break;
  }
  return fine;
}

function nextCount(fine: number, bad: number, max: number): number {
  if (bad === Number.POSITIVE_INFINITY) return Math.min(max, fine * 2);
  return Math.floor((fine + bad) / 2);
}
