import { PassThrough, type Readable } from "node:stream";
import { LiveError, messageOf } from "../core/errors.ts";
import { FILE_ENDINGS, type FileType, fileTypeOf } from "../media/file-types.ts";
import { MAX_PIXELS } from "../media/limits.ts";
import { Ffmpeg } from "./ffmpeg.ts";

/** What can be pulled from. A listener waits for somebody who sends. */
export type PullKind = "file" | "rtsp" | "hls" | "rtmp" | "srt" | "srt-listener";

/** What to pull. */
export interface PullInput {
  readonly kind: PullKind;
  /** An absolute path or a complete address. */
  readonly location: string;
  /** The same without what is secret or nobody's business: put into words in its place. */
  readonly shown: string;
  readonly passphrase?: string | undefined;
}

/** An FFmpeg that copies what it reads into Matroska. Dispose it and no process is left. */
export interface Pull extends AsyncDisposable {
  /** Matroska, as it comes: what is not read is not pulled. */
  readonly output: Readable;
  /** Resolves when the source has ended, rejects with `encoder_failed` when it failed; `output` may not have ended yet. */
  readonly finished: Promise<void>;
}

/** A source that says nothing for this long is lost. */
const SILENCE_MICROSECONDS = 10_000_000;
/** A listener is made anew now and then, so that none outlives a server that was killed. */
const LISTEN_MICROSECONDS = 20_000_000;
/** How long FFmpeg looks at an address before it starts; a file says what is in it. */
const ANALYZE_MICROSECONDS = 1_500_000;
/** FFmpeg holds back whole clusters: this is what it adds to the delay. */
const CLUSTER_MS = 40;
/** In bytes: four times the largest picture. */
const MAX_ALLOCATION_BYTES = 4 * MAX_PIXELS;

/** What each kind of address may open, and nothing else: not even what its bytes name. */
const PROTOCOLS: Readonly<Record<PullKind, string>> = {
  file: "file",
  rtsp: "tcp,tls,rtsp,rtp",
  hls: "http,https,tcp,tls,crypto",
  rtmp: "rtmp,rtmps,tcp,tls",
  srt: "srt",
  "srt-listener": "srt",
};

/** Starts to pull. */
export function startPull(binary: string, input: PullInput): Pull {
  // It is never destroyed and says nothing at its end, which the library would take for a failure.
  const output = new PassThrough({ autoDestroy: false, emitClose: false });
  const ffmpeg = Ffmpeg.start({
    binary,
    input: input.kind === "file" ? `file:${input.location}` : input.location,
    inputOptions: pullOptions(input),
    outputs: [{ url: output, options: outputOptions(input) }],
  });
  const finished = ffmpeg.finished.catch((error: unknown) => {
    throw new LiveError("encoder_failed", inWords(ffmpeg.log, error, input), { cause: error });
  });
  finished.catch(() => {});
  return {
    output,
    finished,
    async [Symbol.asyncDispose]() {
      // One that waits for a reader would not hear that it is to go.
      output.removeAllListeners("data").resume();
      await ffmpeg[Symbol.asyncDispose]();
    },
  };
}

/** What stands before the input. */
export function pullOptions({ kind, location, passphrase }: PullInput): string[] {
  return [
    // Its times are made continuous, also where a loop begins again; pictures without a time get one.
    ...["-fflags", "+genpts"],
    ...["-max_pixels", String(MAX_PIXELS), "-max_alloc", String(MAX_ALLOCATION_BYTES)],
    ...["-protocol_whitelist", PROTOCOLS[kind]],
    ...kindOptions(kind, location),
    ...(passphrase === undefined ? [] : ["-passphrase", passphrase]),
  ];
}

function kindOptions(kind: PullKind, location: string): string[] {
  const probe = ["-analyzeduration", String(ANALYZE_MICROSECONDS), "-fpsprobesize", "0"];
  const silence = String(SILENCE_MICROSECONDS);
  switch (kind) {
    case "file":
      return ["-re", "-stream_loop", "-1", "-f", formatOf(location).format];
    case "rtsp":
      // Over UDP, lost packets would be lost for everybody.
      return [...probe, "-rtsp_transport", "tcp", "-timeout", silence, "-f", "rtsp"];
    case "hls":
      // Segments come in bursts, and a finished playlist all at once: both are played in real time.
      return ["-re", ...probe, "-rw_timeout", silence, "-f", "hls"];
    case "rtmp":
      return [...probe, "-rw_timeout", silence, "-f", "flv"];
    case "srt":
      return [...probe, "-connect_timeout", "5000", "-timeout", silence, "-f", "mpegts"];
    case "srt-listener":
      return [...probe, "-listen_timeout", String(LISTEN_MICROSECONDS), "-timeout", silence, "-f", "mpegts"];
  }
}

function outputOptions({ kind, location }: PullInput): string[] {
  const type = kind === "file" ? formatOf(location) : undefined;
  const copiesSound = kind === "rtmp" || ["mp4", "matroska", "flv"].includes(type?.format ?? "");
  return [
    ...(type?.isSound === true ? ["-vn"] : []),
    ...["-sn", "-dn", "-map_metadata", "-1", "-c:v", "copy"],
    // Sound whose setup comes with its packets, such as a transport stream's, cannot be copied into a live Matroska.
    // Nothing is lost by FLAC, and viewers get AAC anyway.
    ...(copiesSound ? ["-c:a", "copy"] : ["-c:a", "flac", "-compression_level", "0", "-sample_fmt", "s16"]),
    ...["-cluster_time_limit", String(CLUSTER_MS), "-flush_packets", "1", "-live", "1", "-f", "matroska"],
  ];
}

/** FFmpeg must not take the format that the bytes ask for, such as a list of other files: the name tells it. */
function formatOf(path: string): FileType {
  const type = fileTypeOf(path);
  if (type === undefined) throw new LiveError("bad_request", `a file is called *.${FILE_ENDINGS.join(", *.")}`);
  return type;
}

/** FFmpeg's last word that says something, without what must not be seen. */
function inWords(log: readonly string[], error: unknown, { location, shown, passphrase }: PullInput): string {
  const said = log.findLast((line) => !/Conversion failed|Exiting normally|Error opening input file/.test(line));
  let words = said ?? messageOf(error);
  for (const [secret, instead] of [
    [`file:${location}`, shown],
    [location, shown],
    [passphrase ?? "", "[secret]"],
  ] as const) {
    if (secret !== "") words = words.replaceAll(secret, instead);
  }
  // Addresses that it was led to, too: without user, password and query.
  return words.replaceAll(/([a-z]{3,5}:\/\/)([^\s/@'"]*@)?([^\s?'"]*)(\?[^\s'"]*)?/gi, "$1$3");
}
