import { PUBLISH_CLOSE } from "../../server/protocol/publish.ts";
import type { SourceKind } from "./settings.ts";

/** A failure that is already in words for the person at the page. */
export class CaptureFailure extends Error {
  override readonly name = "CaptureFailure";
}

const DEVICE: Readonly<Record<SourceKind, string>> = {
  camera: "camera",
  screen: "screen",
  testcard: "test card",
};

/** What to say when a browser gives no picture. `name` is the DOMException's name. */
export function explainSourceFailure(name: string, source: SourceKind, secure: boolean): string {
  if (!secure && source !== "testcard") {
    return "Browsers give out the camera and the screen only on https:// or on localhost. Open this page that way, or use the test card.";
  }
  if (source === "screen" && name === "NotAllowedError") {
    return "Sharing the screen was not allowed. Press Start again and pick what to share.";
  }
  if (source === "screen" && name === "InvalidStateError") {
    return "The browser wants a click before it shares the screen. Press Start.";
  }
  return SOURCE_WORDS[name]?.(DEVICE[source]) ?? `The ${DEVICE[source]} could not be opened (${name}).`;
}

const SOURCE_WORDS: Readonly<Record<string, (device: string) => string>> = {
  NotAllowedError: (device) =>
    `Using the ${device} was refused. Allow it in the browser's address bar, then press Start.`,
  SecurityError: (device) => `Using the ${device} is switched off in this browser.`,
  NotFoundError: (device) => `No ${device} was found. Plug one in, or use the test card.`,
  NotReadableError: (device) => `The ${device} is busy or does not answer. Close other programs that use it.`,
  AbortError: (device) => `The ${device} stopped while it was being opened. Try again.`,
  OverconstrainedError: (device) => `The ${device} you chose is not there any more. Choose another one.`,
  NotSupportedError: (device) => `This browser cannot capture the ${device}.`,
};

/** Why there is no sound although it was asked for. The broadcast goes on without it. */
export function explainSoundMissing(name: string): string {
  if (name === "NotAllowedError") return "The microphone was refused: this broadcast has no sound.";
  if (name === "NotFoundError") return "No microphone was found: this broadcast has no sound.";
  if (name === "NotReadableError") return "The microphone is busy: this broadcast has no sound.";
  return "The microphone could not be opened: this broadcast has no sound.";
}

/** Why no connection came about at all. */
export function explainNoConnection(isReachable: boolean): string {
  return isReachable
    ? "The server answers, but not to this connection. A proxy in between may not let WebSockets through."
    : "The server cannot be reached. Is it running, and are you online?";
}

/** What the close of a publisher's connection means. */
export interface CloseVerdict {
  /** Coming back is of no use. */
  readonly isFinal: boolean;
  readonly text: string;
}

/** Judges why the server closed (contract §4, RFC 6455 §7.4.1). What is not final is worth another attempt. */
export function judgeClose(code: number, reason: string, channel: string): CloseVerdict {
  const said = reason === "" ? "" : ` The server said: ${reason}`;
  const words = FINAL_WORDS[code]?.(channel);
  if (words !== undefined) return { isFinal: true, text: `${words}${said}` };
  const passing = PASSING_WORDS[code];
  const isFinal = passing === undefined && code >= 4000 && code < 5000;
  const other = isFinal ? "The server ended the broadcast." : "The connection to the server broke.";
  return { isFinal, text: `${passing ?? other}${said}` };
}

const FINAL_WORDS: Readonly<Record<number, (channel: string) => string>> = {
  [PUBLISH_CLOSE.done]: () => "The server ended the broadcast.",
  1003: () => "The server does not understand what was sent.",
  1007: () => "The server does not understand what was sent.",
  1008: () => "The server refused this broadcast.",
  1009: () => "A piece of video was too large for the server.",
  [PUBLISH_CLOSE.badRequest]: () => "The server does not understand this page. Load the page again.",
  [PUBLISH_CLOSE.badKey]: () => "The key is missing or wrong.",
  [PUBLISH_CLOSE.stopped]: () => "The operator of the server stopped this broadcast.",
  [PUBLISH_CLOSE.nothingToResume]: () => "The server does not know this broadcast any more. Press Start to begin anew.",
  [PUBLISH_CLOSE.channelBusy]: (channel) =>
    `The channel ${channel} is taken: somebody is live on it now. Choose another name.`,
  [PUBLISH_CLOSE.badContainer]: () => "The server does not take what this browser records.",
};

const PASSING_WORDS: Readonly<Record<number, string>> = {
  1001: "The server is shutting down.",
  1006: "The connection to the server was lost.",
  1011: "The server met an error of its own.",
  1012: "The server is restarting.",
  1013: "The server has no room at the moment.",
  [PUBLISH_CLOSE.tooMany]: "The server takes no more connections at the moment.",
  [PUBLISH_CLOSE.noRoom]: "The server has no room at the moment.",
};
