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

/** What is known about a channel after its socket did not open. */
export type ChannelCheck = "live" | "idle" | "unreachable" | "unknown";

/** Browsers hide why a socket was refused, so the words come from what the API says about the channel. */
export function explainRefusal(channel: string, check: ChannelCheck, hasKey: boolean): string {
  if (check === "live") return `The channel ${channel} is taken: somebody is live on it now. Choose another name.`;
  if (check === "unreachable") return "The server cannot be reached. Is it running, and are you online?";
  if (check === "unknown") return "The server refused this broadcast.";
  return hasKey
    ? "The server refused this broadcast. The key may be wrong, or the server has no room for more."
    : "The server refused this broadcast. It may want a key, or it has no room for more.";
}

/** Why an open socket closed although nobody pressed Stop. */
export function explainClose(code: number, reason: string): string {
  const said = reason === "" ? "" : ` It said: ${reason}`;
  if (code >= 4000 && code < 5000) return `The server ended the broadcast.${said}`;
  return `${CLOSE_WORDS[code] ?? "The connection to the server broke."}${said}`;
}

const CLOSE_WORDS: Readonly<Record<number, string>> = {
  1000: "The server ended the broadcast.",
  1001: "The server is shutting down.",
  1003: "The server does not understand what was sent.",
  1006: "The connection to the server was lost. The broadcast has ended.",
  1008: "The server refused this broadcast.",
  1009: "A piece of video was too large for the server.",
  1011: "The server met an error of its own.",
  1012: "The server is restarting.",
  1013: "The server has no room for more.",
};

/** What the server says in a text message: its `ERROR: reason`, for people. */
export function explainServerMessage(text: string): string {
  return `The server ended the broadcast: ${text.replace(/^ERROR:\s*/, "")}`;
}
