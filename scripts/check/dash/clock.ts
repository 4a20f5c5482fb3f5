import { type Answer, type Client, isGood, textOf } from "../client.ts";
import type { Mpd } from "./mpd.ts";
import { readDate } from "./times.ts";

/** One UTCTiming element and what came of it (§5.8.4.11). */
export interface ClockReading {
  readonly scheme: string;
  readonly value: string;
  /** ms to add to this machine's clock; undefined where no time could be read. */
  readonly offsetMs: number | undefined;
  /** ms that the offset may be wrong by: half of what the request took. */
  readonly uncertainMs: number;
  readonly problem: string | undefined;
}

/** Unix time in ms of a moment on the clock of `performance.now()`. */
export const wallOf = (at: number): number => performance.timeOrigin + at;

/** Asks every clock that a manifest names. */
export function readClocks({ clocks, url }: Mpd, client: Client): Promise<ClockReading[]> {
  return Promise.all(clocks.map(({ scheme, value }) => readClock(scheme, value, url, client)));
}

const HTTP_SCHEME = /^urn:mpeg:dash:utc:http-(iso|xsdate|head):20\d\d$/;
const DIRECT_SCHEME = /^urn:mpeg:dash:utc:direct:20\d\d$/;

async function readClock(scheme: string, value: string, base: string, client: Client): Promise<ClockReading> {
  const unread = (problem: string | undefined) => ({ scheme, value, offsetMs: undefined, uncertainMs: 0, problem });
  if (DIRECT_SCHEME.test(scheme)) {
    const time = readDate(value);
    return time === undefined ? unread(`"${value}" is no time`) : { ...unread(undefined), offsetMs: time - Date.now() };
  }
  const kind = HTTP_SCHEME.exec(scheme)?.[1];
  // NTP and SNTP are not asked: whoever names them means servers of others.
  if (kind === undefined) return unread(undefined);
  // Several addresses may stand there; the first counts.
  const [address = ""] = value.split(/\s+/);
  if (!URL.canParse(address, base)) return unread(`"${value}" is no address`);
  const answer = await client.get(new URL(address, base).href);
  const time =
    kind === "head" ? readDate(new Date(answer.headers.get("date") ?? "").toJSON() ?? "") : readDate(textOf(answer));
  if (!isGood(answer) || time === undefined) return unread(`${address} answers ${answer.status} and no time`);
  return { ...unread(undefined), ...measure(answer, time) };
}

function measure({ sentAt, endAt }: Answer, time: number): { offsetMs: number; uncertainMs: number } {
  return { offsetMs: time - wallOf((sentAt + endAt) / 2), uncertainMs: (endAt - sentAt) / 2 };
}
