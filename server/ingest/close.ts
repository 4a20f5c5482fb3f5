import type { WebSocket } from "ws";
import { type ErrorCode, isLiveError } from "../core/errors.ts";
import { PUBLISH_CLOSE } from "../protocol/publish.ts";

/** A close frame has room for 123 bytes of reason. */
const MAX_REASON_BYTES = 123;

const CLOSE_OF: Readonly<Record<ErrorCode, number>> = {
  bad_request: PUBLISH_CLOSE.badRequest,
  bad_key: PUBLISH_CLOSE.badKey,
  forbidden: PUBLISH_CLOSE.stopped,
  not_found: PUBLISH_CLOSE.nothingToResume,
  idle: PUBLISH_CLOSE.idle,
  channel_busy: PUBLISH_CLOSE.channelBusy,
  exists: PUBLISH_CLOSE.channelBusy,
  in_use: PUBLISH_CLOSE.channelBusy,
  too_large: PUBLISH_CLOSE.badRequest,
  bad_container: PUBLISH_CLOSE.badContainer,
  too_many: PUBLISH_CLOSE.tooMany,
  encoder_failed: PUBLISH_CLOSE.failed,
  no_room: PUBLISH_CLOSE.noRoom,
  restarting: PUBLISH_CLOSE.restarting,
  timed_out: PUBLISH_CLOSE.noRoom,
};

/** The code that a resumable publisher's socket is closed with (contract §4), and words; what is a bug has no words. */
export function closeOf(error: unknown): { readonly code: number; readonly reason: string } {
  if (!isLiveError(error)) return { code: PUBLISH_CLOSE.failed, reason: "something went wrong in the server" };
  return { code: CLOSE_OF[error.code], reason: error.message };
}

/** Closes with as much of `reason` as fits into a close frame. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, shortened(reason));
}

/** Cut between two characters, since a close frame's reason must be valid UTF-8 (RFC 6455 §5.5.1). */
function shortened(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = [...text].slice(0, -1).join("");
  return text;
}
