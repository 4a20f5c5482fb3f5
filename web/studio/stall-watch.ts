const MINUTE_MS = 60_000;

interface Course {
  total: number;
  rises: { readonly atMs: number; readonly count: number }[];
}

/**
 * How often viewers' pictures stood still in the last minute. The server counts for those who watch now, so its figure
 * falls when somebody leaves: only rises count.
 */
export class StallWatch {
  readonly #courses = new Map<string, Course>();

  /** Notes the server's figure for a broadcast, and returns how many were new in the last minute. */
  note(broadcast: string, total: number, nowMs: number): number {
    const course = this.#courses.get(broadcast) ?? { total, rises: [] };
    this.#courses.set(broadcast, course);
    if (total > course.total) course.rises.push({ atMs: nowMs, count: total - course.total });
    course.total = total;
    course.rises = course.rises.filter(({ atMs }) => nowMs - atMs < MINUTE_MS);
    return course.rises.reduce((sum, { count }) => sum + count, 0);
  }

  /** Forgets all broadcasts but these. */
  keep(broadcasts: readonly string[]): void {
    for (const id of this.#courses.keys()) if (!broadcasts.includes(id)) this.#courses.delete(id);
  }
}
