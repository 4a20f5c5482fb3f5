/** Every failure that a client or an operator can meet, with the HTTP status it maps to (contract §4). */
const CODES = {
  bad_request: 400,
  bad_key: 401,
  forbidden: 403,
  not_found: 404,
  idle: 408,
  channel_busy: 409,
  exists: 409,
  in_use: 409,
  too_large: 413,
  bad_container: 415,
  too_many: 429,
  encoder_failed: 500,
  no_room: 503,
  restarting: 503,
  timed_out: 503,
} as const;

/** Names one kind of expected failure. */
export type ErrorCode = keyof typeof CODES;

/** An expected failure, in words for the person who caused it. Anything else that is thrown is a bug: a plain 500. */
export class LiveError extends Error {
  override readonly name = "LiveError";
  readonly code: ErrorCode;
  /** For the log only; never sent to a client. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get status(): number {
    return CODES[this.code];
  }
}

/** Narrows an unknown error to an expected one, optionally of one code. */
export function isLiveError(error: unknown, code?: ErrorCode): error is LiveError {
  return error instanceof LiveError && (code === undefined || error.code === code);
}

/** The words of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's name for what went wrong, such as `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
