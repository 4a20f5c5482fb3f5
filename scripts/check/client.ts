import { setMaxListeners } from "node:events";
import { deadline } from "../../server/core/deadline.ts";
import { reasonOf } from "./rule.ts";

/** When bytes arrived. */
interface Piece {
  /** ms on the clock of `performance.now()`. */
  readonly at: number;
  readonly bytes: number;
}

/** What became of one request. Times are ms on the clock of `performance.now()`. */
export interface Answer {
  readonly url: string;
  /** HTTP status; 0 when there was no answer, and `problem` says why. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly sentAt: number;
  /** When the head of the answer was there. */
  readonly headersAt: number;
  readonly endAt: number;
  readonly pieces: readonly Piece[];
  /** Why there is no answer, or not all of it. */
  readonly problem?: string;
}

/** Part of a resource: from `start`, `length` bytes or to the end. */
export interface ByteRange {
  readonly start: number;
  readonly length: number | undefined;
}

/** How a request is made. */
export interface Asking {
  readonly range?: ByteRange | undefined;
  /** How long an answer may take as a whole. */
  readonly limitMs?: number;
}

/** A hung server must not hang the check. */
const LIMIT_MS = 20_000;
/** No segment of a live stream is near this; what is larger is not read on. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;
/** The position that stands for "to the end, wherever that will be" (RFC 8673 §2). */
const ENDLESS = Number.MAX_SAFE_INTEGER;

/** Makes requests and never throws because of an answer; disposing it ends all that are under way. */
export class Client implements Disposable {
  readonly #stop = new AbortController();

  constructor() {
    // One listener for each request that is under way, and there may be many.
    setMaxListeners(0, this.#stop.signal);
  }

  /** Aborts when the client is disposed. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  async get(url: string, { range, limitMs = LIMIT_MS }: Asking = {}): Promise<Answer> {
    using limit = deadline(this.signal, limitMs);
    const sentAt = performance.now();
    const reading: Reading = { headers: new Headers(), status: 0, headersAt: sentAt, pieces: [], chunks: [] };
    let problem: string | undefined;
    try {
      const response = await fetch(url, { headers: rangeHeader(range), signal: limit.signal, cache: "no-store" });
      await read(response, reading);
    } catch (error) {
      problem = reasonOf(limit.signal.aborted ? limit.signal.reason : error);
    }
    const { status, headers, headersAt, pieces } = reading;
    const answer = { url, status, headers, headersAt, pieces, body: Buffer.concat(reading.chunks) };
    return { ...answer, sentAt, endAt: performance.now(), ...(problem === undefined ? {} : { problem }) };
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error("the check is over"));
  }
}

interface Reading {
  status: number;
  headers: Headers;
  headersAt: number;
  readonly pieces: Piece[];
  readonly chunks: Uint8Array[];
}

async function read(response: Response, reading: Reading): Promise<void> {
  reading.headersAt = performance.now();
  reading.status = response.status;
  reading.headers = response.headers;
  let total = 0;
  for await (const chunk of response.body ?? []) {
    reading.pieces.push({ at: performance.now(), bytes: chunk.byteLength });
    reading.chunks.push(chunk);
    total += chunk.byteLength;
    if (total > MAX_BODY_BYTES) throw new Error(`more than ${MAX_BODY_BYTES} bytes`);
  }
}

function rangeHeader(range: ByteRange | undefined): Record<string, string> {
  if (range === undefined) return {};
  const last = range.length === undefined ? ENDLESS : range.start + range.length - 1;
  return { range: `bytes=${range.start}-${last}` };
}

/** It is there, all of it. */
export function isGood(answer: Answer): boolean {
  return (answer.status === 200 || answer.status === 206) && answer.problem === undefined;
}

/** The body as text; bytes that are no UTF-8 become replacement characters. */
export function textOf(answer: Answer): string {
  return new TextDecoder().decode(answer.body);
}

/** Status or problem, for people. */
export function outcomeOf(answer: Answer): string {
  if (answer.status === 0) return answer.problem ?? "no answer";
  return answer.problem === undefined ? String(answer.status) : `${answer.status}, then ${answer.problem}`;
}

/** The value of a directive of Cache-Control that has seconds, such as max-age. */
export function cacheSeconds(headers: Headers): number | undefined {
  const control = headers.get("cache-control") ?? "";
  if (/no-store|no-cache/i.test(control)) return 0;
  const age = /(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*"?(\d+)/i.exec(control)?.[1];
  if (age !== undefined) return Number(age);
  const expires = Date.parse(headers.get("expires") ?? "");
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(expires) ? undefined : Math.max(0, (expires - (Number.isNaN(date) ? Date.now() : date)) / 1000);
}
