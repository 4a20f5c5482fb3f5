/** What may be kept; 0: no limit. */
export interface KeepRule {
  readonly days: number;
  readonly count: number;
  readonly bytes: number;
}

/** A recording, as far as keeping it goes. */
export interface Kept {
  readonly id: string;
  readonly channel: string;
  /** Unix time in ms; undefined while it has no end. */
  readonly endedMs: number | undefined;
  /** Of all its files. */
  readonly bytes: number;
  /** It is written or played now, or somebody has made it on purpose. */
  readonly stays: boolean;
}

/** What limits there are, and what time it is (Unix time in ms). */
export interface KeepRules {
  readonly keepOf: (channel: string) => KeepRule;
  readonly total: KeepRule;
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;

/**
 * What has to go, the oldest first, and why. What stays counts for the limits all the same; and whatever the limits of
 * number and size say, the newest recording of a channel is kept, or nothing that is large would ever be there to see.
 */
export function surplus(kept: readonly Kept[], { keepOf, total, nowMs }: KeepRules): { id: string; reason: string }[] {
  // Ids begin with the time at which they were made.
  const left = new Map(kept.toSorted((a, b) => b.id.localeCompare(a.id)).map((recording) => [recording.id, recording]));
  const going = new Map<string, string>();
  const drop = (those: readonly Kept[], reason: string) => {
    for (const { id } of those) {
      left.delete(id);
      going.set(id, reason);
    }
  };
  const of = (channel: string) => [...left.values()].filter((recording) => recording.channel === channel);
  for (const channel of new Set(kept.map((recording) => recording.channel))) {
    const rule = keepOf(channel);
    drop(tooOld(of(channel), rule, nowMs), `it is older than ${rule.days} days`);
    drop(tooMany(of(channel), rule), `its channel keeps ${rule.count}`);
    drop(tooLarge(of(channel), rule), `its channel keeps ${size(rule)}`);
  }
  drop(tooOld([...left.values()], total, nowMs), `it is older than ${total.days} days`);
  drop(tooMany([...left.values()], total), `the server keeps ${total.count}`);
  drop(tooLarge([...left.values()], total), `the server keeps ${size(total)}`);
  const byAge = [...going].toSorted(([a], [b]) => a.localeCompare(b));
  return byAge.map(([id, reason]) => ({ id, reason }));
}

function tooOld(newestFirst: readonly Kept[], { days }: KeepRule, nowMs: number): Kept[] {
  const oldest = nowMs - days * DAY_MS;
  return newestFirst.filter(({ stays, endedMs }) => days > 0 && !stays && endedMs !== undefined && endedMs < oldest);
}

function tooMany(newestFirst: readonly Kept[], { count }: KeepRule): Kept[] {
  return count === 0 ? [] : newestFirst.slice(count).filter(({ stays }) => !stays);
}

/** The oldest go until the others fit. */
function tooLarge(newestFirst: readonly Kept[], { bytes }: KeepRule): Kept[] {
  let sum = newestFirst.reduce((all, recording) => all + recording.bytes, 0);
  if (bytes === 0) return [];
  const newestOf = new Map(newestFirst.toReversed().map(({ channel, id }) => [channel, id]));
  return newestFirst.toReversed().filter(({ id, channel, bytes: own, stays }) => {
    if (sum <= bytes || stays || newestOf.get(channel) === id) return false;
    sum -= own;
    return true;
  });
}

function size({ bytes }: KeepRule): string {
  return `${bytes / 1e9} GB`;
}
