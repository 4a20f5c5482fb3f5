import { CaptureFailure } from "./failures.ts";

/** One thing the recorder can make: what to ask it for, and its name for people. */
export interface RecordingFormat {
  readonly mimeType: string;
  readonly label: string;
}

interface Candidate {
  readonly container: string;
  readonly video: string;
  /** Audio codecs to try, best first. */
  readonly audio: readonly string[];
  readonly label: string;
}

/**
 * Best first. H.264 needs no transcoding on the server; Matroska and WebM come in small pieces, while browsers hand
 * out MP4 in whole groups of pictures, which costs about a second of delay: hence it is last.
 */
const CANDIDATES: readonly Candidate[] = [
  { container: "video/x-matroska", video: "avc1", audio: ["opus"], label: "H.264 in Matroska" },
  { container: "video/webm", video: "h264", audio: ["opus"], label: "H.264 in WebM" },
  { container: "video/webm", video: "avc1", audio: ["opus"], label: "H.264 in WebM" },
  { container: "video/webm", video: "vp9", audio: ["opus"], label: "VP9 in WebM" },
  { container: "video/webm", video: "vp8", audio: ["opus"], label: "VP8 in WebM" },
  { container: "video/mp4", video: "avc1.42E01F", audio: ["mp4a.40.2", "opus"], label: "H.264 in MP4" },
  { container: "video/mp4", video: "avc1", audio: ["mp4a.40.2", "opus"], label: "H.264 in MP4" },
];

/** Names that browsers accept when they know no codec strings; what is inside is then theirs to choose. */
const BARE: readonly RecordingFormat[] = [
  { mimeType: "video/webm", label: "WebM" },
  { mimeType: "video/mp4", label: "MP4" },
];

/** The first format this browser's recorder supports, or undefined when there is none. */
export function chooseFormat(
  withAudio: boolean,
  isTypeSupported: (mimeType: string) => boolean,
): RecordingFormat | undefined {
  const formats = CANDIDATES.flatMap((candidate) => formatsOf(candidate, withAudio));
  return [...formats, ...BARE].find((format) => isTypeSupported(format.mimeType));
}

/** What to record a stream as with this browser's recorder; throws a `CaptureFailure` when nothing can be sent. */
export function formatFor(stream: MediaStream): RecordingFormat {
  const withAudio = stream.getAudioTracks().length > 0;
  const format = chooseFormat(withAudio, (mimeType) => MediaRecorder.isTypeSupported(mimeType));
  if (format === undefined) throw new CaptureFailure("This browser records no format that can be sent.");
  return format;
}

/** What a recorder says it makes, in words: `video/x-matroska;codecs=avc1,opus` → `H.264 + Opus, Matroska`. */
export function describeMimeType(mimeType: string): string {
  const [container = "", ...parameters] = mimeType.split(";").map((part) => part.trim());
  const codecs = parameters.find((parameter) => parameter.startsWith("codecs="))?.slice("codecs=".length) ?? "";
  const names = codecs.replaceAll('"', "").split(",").filter(Boolean).map(codecName);
  const shape = CONTAINER_NAMES[container] ?? container;
  return names.length === 0 ? shape : `${names.join(" + ")}, ${shape}`;
}

const CONTAINER_NAMES: Readonly<Record<string, string>> = {
  "video/x-matroska": "Matroska",
  "video/webm": "WebM",
  "video/mp4": "MP4",
};

const CODEC_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(avc|h264)/i, "H.264"],
  [/^(hev|hvc|h265)/i, "H.265"],
  [/^(vp0?9)/i, "VP9"],
  [/^(vp0?8)/i, "VP8"],
  [/^av0?1/i, "AV1"],
  [/^opus/i, "Opus"],
  [/^(mp4a|aac)/i, "AAC"],
  [/^pcm/i, "PCM"],
];

function codecName(codec: string): string {
  return CODEC_NAMES.find(([pattern]) => pattern.test(codec.trim()))?.[1] ?? codec.trim();
}

function formatsOf(candidate: Candidate, withAudio: boolean): RecordingFormat[] {
  const { container, video, audio, label } = candidate;
  if (!withAudio) return [{ mimeType: `${container};codecs=${video}`, label }];
  return audio.map((codec) => ({ mimeType: `${container};codecs=${video},${codec}`, label }));
}
