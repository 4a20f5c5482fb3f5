import { z } from "zod";
import {
  amount,
  analysers,
  choice,
  evenWidth,
  framesPerSecond,
  headerValue,
  host,
  ladder,
  onOff,
  origins,
  path,
  pictureSize,
  port,
  portOrOff,
  proxies,
  type Reader,
  region,
  seconds,
  site,
  storeUrl,
  subnets,
  token,
  url,
  wholeNumber,
} from "./setting-readers.ts";

/** What a person needs to know about one setting. */
export interface SettingAbout {
  readonly help: string;
  /** What may be written, in words. */
  readonly allowed: string;
  /** The default as it would be written, or how it is found. */
  readonly initial: string;
  /** Whether `initial` is such a value; else it is a description. */
  readonly isValue: boolean;
  /** The value must not be shown. */
  readonly secret?: boolean;
}

type About = Omit<SettingAbout, "allowed" | "initial" | "isValue">;

/** Help and defaults, kept with each setting's schema. */
const abouts = z.registry<SettingAbout>();

/** Every setting: its name, what it allows, its default and its help (contract §2). Values are texts on the way in. */
export const settingsSchema = z.strictObject({
  MILLRACE_HOST: setting(host, "127.0.0.1", {
    help:
      "The address to listen on. On any other than a loopback address, and behind MILLRACE_TRUSTED_PROXIES, publishing " +
      "needs keys by default.",
  }),
  MILLRACE_PORT: setting(port, "8080", { help: "The port of pages, API, publishing and watching." }),
  MILLRACE_DATA_DIR: setting(path, "./data", { help: "The folder that recordings and keys are kept in." }),
  MILLRACE_SOURCES_DIR: setting(path, "./sources", {
    help: "The folder below which the files and folders of sources (docs/sources.md) lie.",
  }),
  MILLRACE_LOG_LEVEL: setting(choice("silent", "error", "warn", "info", "debug", "trace"), "info", {
    help: "How much is logged.",
  }),
  MILLRACE_FFMPEG: optional(path, "ffmpeg-static if it is installed, else ffmpeg on the PATH", {
    help: "The FFmpeg to use, version 5.1 or newer.",
  }),
  MILLRACE_RTMP_PORT: setting(portOrOff, "1935", {
    help: "The port that RTMP publishers such as OBS connect to; the start prints the address.",
  }),
  MILLRACE_FRAMES_PORT: setting(portOrOff, "7006", {
    help: "The port that publishers of image frames connect to (docs/frames.md); the start prints the address.",
  }),
  MILLRACE_MAX_FRAME_KB: setting(wholeNumber(1, 65_536), "512", {
    help: "The largest image frame that is taken, in KiB; a larger one is read away, and the connection stays.",
  }),
  MILLRACE_PUBLIC_URL: optional(site, "as each request names it", {
    help: "How others reach the server, for links that are shown elsewhere, such as https://video.example.org.",
  }),
  MILLRACE_TRUSTED_PROXIES: optional(proxies, "none", {
    help:
      "The proxies in front of the server (docs/deployment.md): they are believed where a request comes from and under " +
      "which name it was sent (X-Forwarded-For, -Proto, -Host), nobody else is. With any, a loopback address counts as " +
      "one that others reach.",
  }),
  MILLRACE_PAGES: setting(onOff, "on", { help: "Whether to serve the pages; off leaves media and API." }),
  MILLRACE_LADDER: setting(ladder, "ORIGINAL,640x360~800", {
    help:
      "The renditions that viewers get (docs/ladder.md); each box takes the shape of the picture, with even sides, and " +
      "one that is larger than the picture is left out.",
  }),
  MILLRACE_ENCODER: setting(
    choice("auto", "libx264", "h264_nvenc", "h264_vaapi", "h264_qsv", "h264_videotoolbox"),
    "libx264",
    {
      help:
        "What encodes pictures: the processor (libx264) or a graphics card. It has to encode half a second when the " +
        "server starts, and one that cannot stops the start; auto takes the first that can, cards before libx264.",
    },
  ),
  MILLRACE_SEGMENT_SECONDS: setting(seconds(0.5, 30), "2", { help: "How long a segment is." }),
  MILLRACE_PART_SECONDS: setting(seconds(0.02, 5), "0.2", {
    help:
      "How long a part of a segment is, for low latency; at most half a segment. Playlists announce 7 % more, for " +
      "frames that come a little late.",
  }),
  MILLRACE_WINDOW_SECONDS: setting(seconds(3, 86_400), "60", {
    help: "How far back viewers can go while live; at least three of the longest segments.",
  }),
  MILLRACE_MAX_KEY_INTERVAL_SECONDS: optional(seconds(0.5, 60), "MILLRACE_SEGMENT_SECONDS + 1", {
    help:
      "The longest distance between key frames at which the publisher's H.264 is passed through. Beyond it the " +
      "encoder starts anew and encodes ORIGINAL; a larger value keeps the copy and takes longer segments. At least " +
      "MILLRACE_SEGMENT_SECONDS.",
  }),
  MILLRACE_MAX_CONNECTIONS_PER_ADDRESS: setting(wholeNumber(1, 1_000_000), "256", {
    help:
      "How many connections one address may have at a time; who has more is answered with 429. Behind " +
      "MILLRACE_TRUSTED_PROXIES, requests in progress and WebSockets count, by the address that they come from.",
  }),
  MILLRACE_CONNECTION_EXEMPTIONS: setting(subnets, "127.0.0.0/8,::1", {
    help: "Who may have any number of connections and requests, such as a network behind one address.",
  }),
  MILLRACE_MAX_REQUESTS_PER_SECOND: setting(wholeNumber(1, 100_000), "50", {
    help:
      "How often one address may begin to publish, open a WebSocket or change something over the API, per second and " +
      "for five seconds' worth at once; who does more is answered with 429. Reading is not counted, nor are those in " +
      "MILLRACE_CONNECTION_EXEMPTIONS.",
  }),
  MILLRACE_MAX_HEADER_BYTES: setting(wholeNumber(1024, 1_048_576), "16384", {
    help: "How large the header of a request may be; a larger one is answered with 431.",
  }),
  MILLRACE_ALLOWED_ORIGINS: optional(origins, "the server's own address, and MILLRACE_PUBLIC_URL", {
    help: "Pages of these sites may publish and chat, too.",
  }),
  MILLRACE_MAX_VIEWERS: setting(wholeNumber(1, 1_000_000), "10000", {
    help: "How many viewers the live socket takes; who comes later is told why it cannot.",
  }),
  MILLRACE_SOCKET_JOIN: setting(choice("newest", "next"), "newest", {
    help: "Where a viewer of the live socket begins: with the newest key frame, at once, or with the next one.",
  }),
  MILLRACE_SOCKET_BATCH_MS: setting(wholeNumber(0, 1_000), "0", {
    help:
      "How far apart the live socket's messages are, in milliseconds: more carry more each, which lets a server have " +
      "more viewers, and come later. 0 sends what there is.",
  }),
  MILLRACE_AUDIO_KBPS: setting(wholeNumber(16, 512), "128", { help: "The bit rate of encoded audio." }),
  MILLRACE_MIN_FREE_MB: setting(wholeNumber(0, 1_000_000_000), "500", {
    help:
      "New broadcasts are refused while less of the data folder's disk is free, in millions of bytes: what is live goes " +
      "on until the disk is really full. 0: they are never refused.",
  }),
  MILLRACE_PREVIEW_SECONDS: setting(seconds(0, 3_600), "5", {
    help:
      "How far apart preview images are: the home page shows the newest one, and a recording's page those around the " +
      "place to seek to. 0: there are none. Below MILLRACE_MAX_KEY_INTERVAL_SECONDS a picture that is passed through " +
      "has to be decoded whole for them, else only its key frames.",
  }),
  MILLRACE_PREVIEW_SIZE: setting(pictureSize, "320x180", {
    help: "The size of preview images in pixels; a picture of another shape gets bars.",
  }),
  MILLRACE_ANALYSIS: setting(analysers, "off", {
    help:
      "What is looked and listened for in every broadcast (docs/analysis.md): its events are shown on the watch page, " +
      "told in playlists and manifests, and kept with the recording.",
  }),
  MILLRACE_ANALYSIS_MODULE: optional(path, "none", {
    help: "An analyser of your own: a JavaScript module that exports analyze(frame). It runs whatever MILLRACE_ANALYSIS says.",
  }),
  MILLRACE_ANALYSIS_WIDTH: setting(evenWidth, "320", { help: "How wide the pictures are that analysers get." }),
  MILLRACE_ANALYSIS_FPS: setting(framesPerSecond, "5", {
    help:
      "How many pictures a second analysers get. With all they get every one: they are waited for then, where else " +
      "pictures are left out once they are 10 s late.",
  }),
  MILLRACE_CHAT: setting(onOff, "on", {
    help: "Whether channels have a chat (docs/chat.md); that of one channel can be switched off in the studio.",
  }),
  MILLRACE_CHAT_HISTORY: setting(wholeNumber(0, 500), "50", {
    help: "How many lines of the chat somebody who comes is told.",
  }),
  MILLRACE_RECORD: setting(onOff, "on", { help: "Whether broadcasts are kept after their end." }),
  MILLRACE_KEEP_DAYS: setting(amount(36_500), "0", {
    help: "How old a recording may become before it is deleted; 0: any age. A channel can say otherwise.",
  }),
  MILLRACE_KEEP_COUNT: setting(wholeNumber(0, 1_000_000), "0", {
    help: "How many recordings of a channel are kept, the newest ones; 0: all. A channel can say otherwise.",
  }),
  MILLRACE_KEEP_GB: setting(amount(1_000_000), "0", {
    help: "How much the recordings of one channel may take, in billions of bytes, before the oldest go; 0: any amount.",
  }),
  MILLRACE_KEEP_TOTAL_COUNT: setting(wholeNumber(0, 1_000_000), "0", {
    help: "How many recordings are kept of all channels together; 0: all.",
  }),
  MILLRACE_STORE: optional(storeUrl, "none", {
    help: "Where finished recordings are kept, too: S3, a web server that takes PUT and DELETE, or another folder.",
  }),
  MILLRACE_STORE_LOCAL: setting(choice("keep", "remove"), "keep", {
    help: "Whether a recording's files stay in the data folder once they are in MILLRACE_STORE; it plays from there else.",
  }),
  MILLRACE_STORE_AUTHORIZATION: optional(headerValue, "none", {
    help: "The Authorization header for a web server in MILLRACE_STORE, such as Bearer TOKEN.",
    secret: true,
  }),
  MILLRACE_S3_ENDPOINT: optional(url, "Amazon's for the region", { help: "The address of the server that speaks S3." }),
  MILLRACE_S3_REGION: setting(region, "us-east-1", { help: "The region of the bucket." }),
  MILLRACE_S3_KEY_ID: optional(token, "none", { help: "The access key's id for S3.", secret: true }),
  MILLRACE_S3_SECRET: optional(token, "none", { help: "The access key's secret for S3.", secret: true }),
  MILLRACE_KEEP_TOTAL_GB: setting(amount(1_000_000), "0", {
    help: "How much the recordings of all channels together may take, in billions of bytes; 0: any amount.",
  }),
  MILLRACE_RESUME_SECONDS: setting(seconds(0, 86_400), "30", {
    help:
      "How long a resumable broadcast (docs/publishing.md) whose publisher lost the connection waits for it to come " +
      "back, counted while the server runs; 0 ends it at once.",
  }),
  MILLRACE_IDLE_SECONDS: setting(seconds(1, 86_400), "60", {
    help:
      "How long a publisher may send nothing at all. Then it is let go: a plain broadcast ends, a resumable one waits " +
      "as for a lost connection.",
  }),
  MILLRACE_MAX_MESSAGE_MB: setting(wholeNumber(1, 1_024), "64", {
    help: "The largest WebSocket message that is taken, in MiB; a larger one closes its connection with 1009.",
  }),
  MILLRACE_MAX_KBPS: setting(wholeNumber(100, 10_000_000), "100000", {
    help:
      "How fast the bytes of one broadcast are taken, in kbit/s, after ten seconds' worth that may come at once. A " +
      "faster publisher is made to wait, not refused.",
  }),
  MILLRACE_MAX_BROADCASTS: setting(wholeNumber(1, 10_000), "50", { help: "How many channels may be live at once." }),
  MILLRACE_PUBLISH: optional(
    choice("open", "keys", "webhook"),
    "open on a loopback address without proxies, else keys",
    {
      help:
        "Who may publish: anyone; those with a key of the channel, which is made in the studio or over the API; or those " +
        "that MILLRACE_PUBLISH_HOOK lets in.",
    },
  ),
  MILLRACE_PUBLISH_HOOK: optional(url, "none", {
    help:
      "With MILLRACE_PUBLISH=webhook: the address of your application that is asked whether somebody may publish " +
      "(docs/channels.md).",
  }),
  MILLRACE_PUBLISH_HOOK_AUTHORIZATION: optional(headerValue, "none", {
    help: "The Authorization header that this application is asked with, such as Bearer TOKEN.",
    secret: true,
  }),
  MILLRACE_ADMIN_TOKEN: optional(token, "none", {
    help:
      "What the API asks for as a bearer token before it changes something. Without one, that is open on a loopback " +
      "address without proxies; on any other a token is made at the first start and shown once.",
    secret: true,
  }),
  MILLRACE_TLS_CERT: optional(path, "none: plain HTTP", {
    help:
      "The certificate chain (PEM) to serve HTTPS and HTTP/2 with; needs MILLRACE_TLS_KEY. Both are read again when " +
      "the files change.",
  }),
  MILLRACE_TLS_KEY: optional(path, "none: plain HTTP", {
    help: "The certificate's private key (PEM); needs MILLRACE_TLS_CERT.",
  }),
});

/** The names of all settings, in the order of the help. */
export const settingNames: readonly string[] = Object.keys(settingsSchema.shape);

/** What there is to say about a setting; undefined for a name that is none. */
export function aboutSetting(name: string): SettingAbout | undefined {
  const schema = Object.entries(settingsSchema.shape).find(([key]) => key === name)?.[1];
  return schema === undefined ? undefined : abouts.get(schema);
}

function setting<S extends z.ZodType<unknown, string>>(from: Reader<S>, initial: string, about: About) {
  const schema = from.schema.prefault(initial as z.input<S>);
  abouts.add(schema, { ...about, allowed: from.allowed, initial, isValue: true });
  return schema;
}

/** A setting without a value of its own; `initial` says in words what happens then. */
function optional<S extends z.ZodType>(from: Reader<S>, initial: string, about: About) {
  const schema = from.schema.optional();
  abouts.add(schema, { ...about, allowed: from.allowed, initial, isValue: false });
  return schema;
}
