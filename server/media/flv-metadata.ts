/** An AMF 0 number (AMF 0 §2.2) behind its name in an object. */
const NUMBER_MARKER = 0;
const NUMBER_BYTES = 8;

/** What an `onMetaData` says of a stream. None of it can be relied on. */
export interface FlvMetadata {
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Hz. */
  readonly sampleRate?: number;
  /** Which kinds of track it describes. */
  readonly video: boolean;
  readonly audio: boolean;
}

/**
 * Looks for the few names in a script tag's body that matter to us, wherever they stand: encoders wrap them in objects
 * and arrays of many kinds. Never throws.
 */
export function readMetadata(body: Uint8Array): FlvMetadata {
  const [width, height] = [pixels(body, "width"), pixels(body, "height")];
  const sampleRate = numberNamed(body, "audiosamplerate");
  return {
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(sampleRate === undefined || !(sampleRate > 0) ? {} : { sampleRate }),
    video: placeOf(body, "videocodecid") !== undefined,
    audio: placeOf(body, "audiocodecid") !== undefined,
  };
}

function pixels(body: Uint8Array, name: string): number | undefined {
  const value = numberNamed(body, name);
  return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function numberNamed(body: Uint8Array, name: string): number | undefined {
  const at = placeOf(body, name);
  if (at === undefined || body[at] !== NUMBER_MARKER || at + 1 + NUMBER_BYTES > body.byteLength) return undefined;
  return new DataView(body.buffer, body.byteOffset + at + 1, NUMBER_BYTES).getFloat64(0);
}

/** Where the value of this name begins. */
function placeOf(body: Uint8Array, name: string): number | undefined {
  const wanted = Uint8Array.from([0, name.length, ...[...name].map((letter) => letter.charCodeAt(0))]);
  for (let at = body.indexOf(0); at !== -1; at = body.indexOf(0, at + 1)) {
    if (wanted.every((byte, index) => body[at + index] === byte)) return at + wanted.byteLength;
  }
  return undefined;
}
