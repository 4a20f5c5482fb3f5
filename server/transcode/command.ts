import type { ContainerKind } from "../media/container.ts";
import { MAX_PIXELS } from "../media/limits.ts";
import { type EncoderName, encoderOptions, encodeWith } from "./encoders.ts";
import type { EncodePlan, TrackPlan } from "./plan.ts";
import { KEYS_ONLY, type PreviewRequest, previewOutput } from "./preview-output.ts";
import { sizeFilters } from "./size-filters.ts";

/** One output of FFmpeg: an address and the options before it. */
export interface CommandOutput {
  readonly url: string;
  readonly options: readonly string[];
}

/** An FFmpeg command that reads its input from a pipe. */
export interface Command {
  readonly inputOptions: readonly string[];
  readonly outputs: readonly CommandOutput[];
}

/** What one run of the encoder is to do. Times in seconds. */
export interface RunRequest {
  readonly plan: EncodePlan;
  readonly container: ContainerKind;
  /** What encodes pictures. */
  readonly encoder: EncoderName;
  /** What decodes images, whose container does not always tell; undefined for all else. */
  readonly imageDecoder?: string | undefined;
  /** As the publisher's container names it. */
  readonly pictureCodec?: string | undefined;
  readonly segmentSeconds: number;
  /** Added to the publisher's times: the grid of segments is that of the sum. */
  readonly offsetSeconds: number;
  /** Where a track's POST goes. */
  readonly urlOf: (track: string) => string;
  /** Publisher's time of the first picture. */
  readonly firstPicture: number;
  /** Publisher's time from which on an encoded track is wanted: what is before it has been published already. */
  readonly resumeAt: (track: string) => number | undefined;
  /** Publisher's time of the first picture at or after another; undefined where that is not known. */
  readonly pictureAfter?: (time: number) => number | undefined;
  /** The preview images that are made along with the tracks. */
  readonly preview?: PreviewRequest | undefined;
}

/** Half of the smallest step of WebM's clock: keeps sums of floating-point times on their side of the grid. */
const EPSILON = 0.0005;
/**
 * A chunk is closed by the first packet that makes it at least this long. A frame each up to 40 per second, also when a
 * camera's clock jitters; two frames each at 50 and 60, and of AAC, where more messages would cost more than they save.
 */
const CHUNK_MICROSECONDS = { video: 25_000, audio: 33_000 };
/** Who joins, or changes the rendition, has to decode from a key frame on. In seconds. */
const MOST_KEY_SECONDS = 1;
/** A first frame later than this is none. */
const MOST_LATE_SECONDS = 1;
/** Ticks per second of every video track, so that equal times are equal numbers on all rungs. */
const VIDEO_TIMESCALE = 90_000;
const AUDIO_HZ = 48_000;
/** FFmpeg's AAC starts this long before its first sound. */
const AAC_PRIMING_SECONDS = 1024 / AUDIO_HZ;

/** The most memory that FFmpeg takes in one piece: a picture of the largest size, four times over. */
const MAX_ALLOCATION_BYTES = 4 * MAX_PIXELS;

/** Builds the command for one run: one FFmpeg, one decode, every track an output of its own, and the previews another. */
export function buildCommand(request: RunRequest): Command {
  const { plan, preview } = request;
  const tracks = plan.tracks.map((track) => ({
    url: request.urlOf(track.name),
    options: [
      ...(track.kind === "video" ? videoOptions(track, request) : audioOptions(track, request)),
      ...muxOptions(track.kind, request),
    ],
  }));
  const hasPicture = plan.tracks.some(({ kind }) => kind === "video");
  return {
    inputOptions: inputOptions(request),
    outputs: preview === undefined || !hasPicture ? tracks : [...tracks, previewOutput(preview)],
  };
}

/**
 * How long FFmpeg looks before it starts. With one track of FLV it always looks this long, since a second may come; but
 * FLV has decode times of its own, so there is less to find out.
 */
const ANALYZE_MICROSECONDS: Readonly<Record<ContainerKind, number>> = {
  webm: 2_000_000,
  matroska: 2_000_000,
  mp4: 2_000_000,
  flv: 500_000,
  frames: 2_000_000,
};

/** What FFmpeg calls each container; images are wrapped in one before it sees them. */
export const DEMUXERS: Readonly<Record<ContainerKind, string>> = {
  webm: "matroska",
  matroska: "matroska",
  mp4: "mp4",
  flv: "flv",
  frames: "matroska",
};

/**
 * Codecs whose decoders, asked for low delay, hand out pictures as soon as they may be shown. Those of MPEG-1, 2 and 4 take
 * it for a promise that there are no B-frames, and hand them out in the wrong order.
 */
const IN_ORDER: ReadonlySet<string> = new Set([
  ...["h264", "hevc", "vp8", "vp9", "av1", "flv1", "vp6"],
  ...["mjpeg", "png", "webp"],
]);

/** libx264 goes by the frames' times. Others must know how many frames there are to a second, and so FFmpeg counts. */
const FRAMES_COUNTED = 12;

function inputOptions({ container, imageDecoder, pictureCodec, plan, preview, encoder }: RunRequest): string[] {
  // Only where no track needs the other frames.
  const isForPreviews = plan.tracks.every(({ kind, copy }) => copy || kind === "audio");
  const counted = isForPreviews || encoder === "libx264" ? 0 : FRAMES_COUNTED;
  return [
    ...(isForPreviews ? [] : encoderOptions(encoder).input),
    ...sourceOptions(container, {
      imageDecoder,
      pictureCodec,
      decoder: isForPreviews && preview?.keysSuffice === true ? KEYS_ONLY : [],
      counted,
    }),
  ];
}

/**
 * What stands before the input of every FFmpeg that reads a publisher's bytes: `imageDecoder` decodes images, whose
 * container does not always tell, `pictureCodec` is what the container says, `decoder` are further options for decoding,
 * and `counted` frames tell the frame rate.
 */
export function sourceOptions(
  container: ContainerKind,
  {
    imageDecoder,
    pictureCodec = "",
    decoder = [],
    counted = 0,
  }: {
    imageDecoder?: string | undefined;
    pictureCodec?: string | undefined;
    decoder?: readonly string[];
    counted?: number;
  },
): string[] {
  return [
    // The publisher's clock is kept: a restart in mid-stream lands where the stream was.
    "-copyts",
    // Frame threads would hold back as many frames as there are threads.
    ...(IN_ORDER.has(pictureCodec) ? ["-flags", "low_delay"] : ["-thread_type", "slice"]),
    // Without a guess at the frame rate FFmpeg starts on the first frames. It still must decode some: with a short
    // probe it takes the reordering of H.264 wrong and invents decode times. Not `-fflags nobuffer`: that drops
    // what was probed, the first second of every broadcast.
    ...["-fpsprobesize", String(counted), "-analyzeduration", String(ANALYZE_MICROSECONDS[container])],
    // What the container says of its picture is checked before; what the picture says of itself, here. In bytes.
    ...["-max_pixels", String(MAX_PIXELS), "-max_alloc", String(MAX_ALLOCATION_BYTES)],
    ...decoder,
    // A stranger's bytes: the format is what we found, and nothing that they name is ever opened.
    ...["-protocol_whitelist", "pipe"],
    ...(imageDecoder === undefined ? [] : ["-c:v", imageDecoder]),
    ...["-f", DEMUXERS[container]],
  ];
}

function videoOptions(track: TrackPlan, request: RunRequest): string[] {
  const map = ["-map", "0:v:0", "-video_track_timescale", String(VIDEO_TIMESCALE)];
  return track.copy ? [...map, "-c:v", "copy", ...DECODE_TIMES] : [...map, ...encodeOptions(track, request)];
}

/**
 * Matroska has no decode times, and for the first frames of a stream with B-frames FFmpeg makes some up, which moves all
 * that follows: by a frame, or where it also decodes by all of the publisher's clock. Those of MP4 and FLV begin before the
 * first picture is shown, and end behind the pictures they belong to, since they are all moved to begin with it. So the
 * first frames wait for nothing.
 */
const DECODE_TIMES = ["-bsf:v", "setts=pts=PTS:dts='if(eq(N,0),PTS,max(DTS,PREV_OUTDTS+1))'"];

function encodeOptions(track: TrackPlan, request: RunRequest): string[] {
  return [
    ...["-vf", videoFilters(track, request), ...encodeWith(request.encoder, track.kbps ?? 0, track.level)],
    // Key frames where segments are cut, and where a viewer may begin in between; nowhere else.
    ...["-force_key_frames", keyFrames(track, request)],
    // Frames keep the publisher's times: a constant rate would wait for the next frame to know about this one.
    ...["-fps_mode", "passthrough", "-enc_time_base", "-1"],
    // Key frames say anew what they are coded with: players that are made of FFmpeg read an init segment only once.
    ...["-bsf:v", "dump_extra=freq=keyframe"],
  ];
}

function keyFrames(track: TrackPlan, request: RunRequest): string {
  if (request.plan.keys === "source") return "source";
  // Here, unlike in filters, FFmpeg counts time from the first frame that is encoded.
  const start = startOf(track, request);
  return `expr:isnan(prev_forced_t)+${newCell("prev_forced_t", request, start)}`;
}

/** Publisher's time of the first frame that a rung encodes. */
function startOf(track: TrackPlan, request: RunRequest): number {
  const wanted = Math.max(request.resumeAt(track.name) ?? request.firstPicture, request.firstPicture);
  // The publisher may have paused just there.
  return request.pictureAfter?.(wanted) ?? wanted;
}

/** Drops what is published already and what is above the frame rate, then makes the picture the rung's size. */
function videoFilters(track: TrackPlan, request: RunRequest): string {
  const filters: string[] = [];
  const resumeAt = request.resumeAt(track.name);
  if (resumeAt !== undefined) filters.push(`select='gte(t,${(resumeAt - EPSILON).toFixed(6)})'`);
  if (track.deinterlace === true) filters.push("yadif=deint=interlaced");
  if (track.fps !== undefined) filters.push(`select='${frameChoice(track.fps, request)}'`);
  // The grid of forced key frames hangs on the first frame's time: make it the one that was promised.
  if (request.plan.keys === "grid") filters.push(firstAt(startOf(track, request)));
  filters.push(...sizeOf(track), ...encoderOptions(request.encoder).filters);
  return filters.join(",");
}

/**
 * Gives a run's first frame its time. When the publisher's picture changes its size FFmpeg makes the filters anew, and
 * they count frames from 0 again: that frame is later, and keeps its own.
 */
function firstAt(seconds: number): string {
  const start = seconds.toFixed(6);
  return `setpts='if(eq(N,0)*lt(T,${start}+${MOST_LATE_SECONDS}),${start}/TB,PTS)'`;
}

/** One size from the first picture to the last. */
function sizeOf({ size }: TrackPlan): string[] {
  if (size !== undefined) return sizeFilters(size);
  return ["scale=w='if(eq(sar,1),iw,round(iw*sar))':h=ih", "pad=w='ceil(iw/2)*2':h='ceil(ih/2)*2'", "setsar=1"];
}

/**
 * The first frame of every 1/fps, and every frame at which segments may be cut: those stay on all rungs. The quarter
 * keeps the frames of a source with a multiple of the rate in the middle of their cells, whatever their jitter.
 */
function frameChoice(fps: number, request: RunRequest): string {
  const rate = `gt(floor(t*${fps}+0.25),floor(prev_selected_t*${fps}+0.25))`;
  const cut = request.plan.keys === "source" ? "key" : newCell("prev_selected_t", request, 0);
  return `isnan(prev_selected_t)+${cut}+${rate}`;
}

/**
 * True for the first frame at or after each multiple of the distance between key frames, every n × S among them; `zero`
 * is the publisher's time that FFmpeg calls 0 here.
 */
function newCell(previous: string, { segmentSeconds, offsetSeconds }: RunRequest, zero: number): string {
  const shift = (zero + offsetSeconds + EPSILON).toFixed(6);
  const cell = segmentSeconds / Math.ceil(segmentSeconds / MOST_KEY_SECONDS);
  return `gt(floor((t+${shift})/${cell}),floor((${previous}+${shift})/${cell}))`;
}

function audioOptions(track: TrackPlan, request: RunRequest): string[] {
  const resumeAt = request.resumeAt(track.name);
  // Its own start-up fills the priming, so that the first frame begins exactly where the last one ended.
  const trim = resumeAt === undefined ? "" : `atrim=start=${(resumeAt + AAC_PRIMING_SECONDS).toFixed(6)},`;
  return [
    ...["-map", "0:a:0", "-c:a", "aac", "-b:a", `${track.kbps}k`, "-ar", String(AUDIO_HZ), "-ac", "2"],
    // Lost packets become silence, and a sound card whose clock is off is stretched to the picture's.
    ...["-af", `${trim}aresample=async=1000`],
  ];
}

function muxOptions(kind: TrackPlan["kind"], { offsetSeconds }: RunRequest): string[] {
  return [
    // Chapters would become a track of text.
    ...["-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4"],
    // frag_discont: times stay the publisher's after a restart in mid-stream instead of starting at 0 again.
    ...["-movflags", "+frag_keyframe+delay_moov+default_base_moof+cmaf+frag_discont"],
    ...["-frag_duration", String(CHUNK_MICROSECONDS[kind]), "-flush_packets", "1"],
    // AAC begins 1,024 samples before its first sound, which below 0 would wrap.
    ...["-output_ts_offset", String(offsetSeconds), "-method", "POST", "-tcp_nodelay", "1"],
  ];
}
