import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { z } from "zod";
import { closest } from "./core/closest.ts";
import { isLoopback } from "./core/loopback.ts";
import { aboutSetting, settingNames, settingsSchema } from "./settings.ts";

/** Names and values as an environment holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All settings, checked. Modules are handed the values they need, never this whole. */
export type Config = ReturnType<typeof toConfig>;

type Settings = z.output<typeof settingsSchema>;

/** HLS lets no segment leave a live playlist that is shorter than three target durations (RFC 8216 §6.2.2). */
const SEGMENTS_IN_WINDOW = 3;

/**
 * Checks the settings in `environment` and fills in the defaults; an empty value counts as not set. Throws an `Error`
 * whose message has one line for each problem: the setting, its value unless that is secret, and what is allowed.
 */
export function parseSettings(environment: Environment): Config {
  const given = ownSettings(environment);
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw new Error(parsed.error.issues.flatMap((issue) => describeIssue(issue, given)).join("\n"));
  const problems = contradictions(parsed.data);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return Object.freeze(toConfig(parsed.data));
}

/** The process's environment, and below it what `.env` in `cwd` says. The only reader of either. */
export function loadEnvironment(cwd: string): Environment {
  const real = Object.entries(process.env).filter(([, value]) => value !== "");
  return { ...readEnvFile(join(cwd, ".env")), ...Object.fromEntries(real) };
}

/** What is asked for on the command line. Throws an `Error` in words for what is no argument: all else is a setting. */
export function parseArguments(given: readonly string[]): "help" | "serve" {
  const unknown = given.find((argument) => argument !== "--help");
  if (unknown === undefined) return given.length > 0 ? "help" : "serve";
  throw new Error(`${unknown}: there is no such argument; settings are environment variables, and --help lists them`);
}

/** All settings as text for `--help`. */
export function describeSettings(): string {
  const entries = settingNames.map((name) => {
    const about = aboutSetting(name);
    return `  ${name}\n      ${about?.help}\n      Allowed: ${about?.allowed}. Default: ${about?.initial}.`;
  });
  const intro =
    "Settings are environment variables, also read from .env and millrace.config.json in the current folder; the environment wins, then .env.";
  return `${intro}\n\n${entries.join("\n\n")}\n`;
}

function readEnvFile(file: string): Environment {
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

/** Only names of ours, without the empty ones: `MILLRACE_PORT=` means not set. */
function ownSettings(environment: Environment): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const trimmed = value?.trim() ?? "";
    const isKnown = settingNames.includes(name);
    if (name.startsWith("MILLRACE_") && (trimmed !== "" || !isKnown)) own[name] = trimmed;
  }
  return own;
}

function describeIssue(issue: z.core.$ZodIssue, given: Record<string, string>): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map(describeUnknown);
  const name = String(issue.path[0]);
  const about = aboutSetting(name);
  const value = about?.secret === true ? "[secret]" : given[name];
  const why = issue.message === about?.allowed ? "" : ` (${issue.message})`;
  return [`${name}=${value}: allowed is ${about?.allowed}${why}`];
}

function describeUnknown(name: string): string {
  const meant = closest(name, settingNames);
  const hint = meant === undefined ? "npm start -- --help lists all settings" : `did you mean ${meant}?`;
  return `${name}: there is no such setting; ${hint}`;
}

/** What each setting alone allows, but not all of them together. */
function storeOf(settings: Settings) {
  if (settings.MILLRACE_STORE === undefined) return undefined;
  return {
    url: settings.MILLRACE_STORE,
    keepsHere: settings.MILLRACE_STORE_LOCAL === "keep",
    authorization: settings.MILLRACE_STORE_AUTHORIZATION,
    s3: {
      endpoint: settings.MILLRACE_S3_ENDPOINT,
      region: settings.MILLRACE_S3_REGION,
      keyId: settings.MILLRACE_S3_KEY_ID?.reveal(),
      secret: settings.MILLRACE_S3_SECRET,
    },
  };
}

function contradictions(settings: Settings): string[] {
  const problems: string[] = [];
  const segment = settings.MILLRACE_SEGMENT_SECONDS;
  const keyInterval = maxKeyIntervalSeconds(settings);
  if (settings.MILLRACE_PART_SECONDS > segment / 2) {
    problems.push(
      `MILLRACE_PART_SECONDS=${settings.MILLRACE_PART_SECONDS}: allowed is at most ${segment / 2}, half of MILLRACE_SEGMENT_SECONDS`,
    );
  }
  if (keyInterval < segment) {
    problems.push(
      `MILLRACE_MAX_KEY_INTERVAL_SECONDS=${keyInterval}: allowed is at least ${segment}, which is MILLRACE_SEGMENT_SECONDS`,
    );
  }
  const shortest = SEGMENTS_IN_WINDOW * Math.max(keyInterval, segment);
  if (settings.MILLRACE_WINDOW_SECONDS < shortest) {
    problems.push(
      `MILLRACE_WINDOW_SECONDS=${settings.MILLRACE_WINDOW_SECONDS}: allowed is at least ${shortest}, three of the longest segments`,
    );
  }
  if (settings.MILLRACE_PUBLISH === "webhook" && settings.MILLRACE_PUBLISH_HOOK === undefined) {
    problems.push("MILLRACE_PUBLISH=webhook: set MILLRACE_PUBLISH_HOOK to the address that is asked");
  }
  const isS3 = settings.MILLRACE_STORE?.startsWith("s3:") === true;
  if (isS3 && (settings.MILLRACE_S3_KEY_ID === undefined || settings.MILLRACE_S3_SECRET === undefined)) {
    problems.push(`MILLRACE_STORE=${settings.MILLRACE_STORE}: set MILLRACE_S3_KEY_ID and MILLRACE_S3_SECRET`);
  }
  if ((settings.MILLRACE_TLS_CERT === undefined) !== (settings.MILLRACE_TLS_KEY === undefined)) {
    problems.push("MILLRACE_TLS_CERT, MILLRACE_TLS_KEY: set both or neither");
  }
  return problems;
}

function maxKeyIntervalSeconds(settings: Settings): number {
  return settings.MILLRACE_MAX_KEY_INTERVAL_SECONDS ?? settings.MILLRACE_SEGMENT_SECONDS + 1;
}

function toConfig(settings: Settings) {
  const { MILLRACE_TLS_CERT: certFile, MILLRACE_TLS_KEY: keyFile } = settings;
  const trustedProxies = settings.MILLRACE_TRUSTED_PROXIES ?? [];
  // A proxy is there for others to come through.
  const isLocal = isLoopback(settings.MILLRACE_HOST) && trustedProxies.length === 0;
  return {
    http: {
      host: settings.MILLRACE_HOST,
      port: settings.MILLRACE_PORT,
      maxHeaderBytes: settings.MILLRACE_MAX_HEADER_BYTES,
      tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    },
    trustedProxies,
    isLocal,
    dataDir: settings.MILLRACE_DATA_DIR,
    sourcesDir: settings.MILLRACE_SOURCES_DIR,
    logLevel: settings.MILLRACE_LOG_LEVEL,
    ffmpegPath: settings.MILLRACE_FFMPEG,
    rtmpPort: settings.MILLRACE_RTMP_PORT,
    framesPort: settings.MILLRACE_FRAMES_PORT,
    maxFrameBytes: settings.MILLRACE_MAX_FRAME_KB * 1024,
    publicUrl: settings.MILLRACE_PUBLIC_URL,
    pages: settings.MILLRACE_PAGES === "on",
    ladder: settings.MILLRACE_LADDER,
    encoder: settings.MILLRACE_ENCODER,
    segmentSeconds: settings.MILLRACE_SEGMENT_SECONDS,
    partSeconds: settings.MILLRACE_PART_SECONDS,
    windowSeconds: settings.MILLRACE_WINDOW_SECONDS,
    maxKeyIntervalSeconds: maxKeyIntervalSeconds(settings),
    connections: {
      perAddress: settings.MILLRACE_MAX_CONNECTIONS_PER_ADDRESS,
      exempt: settings.MILLRACE_CONNECTION_EXEMPTIONS,
      proxies: trustedProxies,
    },
    requests: {
      perSecond: settings.MILLRACE_MAX_REQUESTS_PER_SECOND,
      exempt: settings.MILLRACE_CONNECTION_EXEMPTIONS,
    },
    allowedOrigins: [settings.MILLRACE_PUBLIC_URL ?? [], settings.MILLRACE_ALLOWED_ORIGINS ?? []].flat(),
    maxViewers: settings.MILLRACE_MAX_VIEWERS,
    socket: { join: settings.MILLRACE_SOCKET_JOIN, batchMs: settings.MILLRACE_SOCKET_BATCH_MS },
    audioKbps: settings.MILLRACE_AUDIO_KBPS,
    previews:
      settings.MILLRACE_PREVIEW_SECONDS === 0
        ? undefined
        : { everySeconds: settings.MILLRACE_PREVIEW_SECONDS, ...settings.MILLRACE_PREVIEW_SIZE },
    analysis: {
      analysers: settings.MILLRACE_ANALYSIS,
      module: settings.MILLRACE_ANALYSIS_MODULE,
      width: settings.MILLRACE_ANALYSIS_WIDTH,
      fps: settings.MILLRACE_ANALYSIS_FPS,
    },
    minFreeMb: settings.MILLRACE_MIN_FREE_MB,
    chat: settings.MILLRACE_CHAT === "off" ? undefined : { history: settings.MILLRACE_CHAT_HISTORY },
    record: settings.MILLRACE_RECORD === "on",
    store: storeOf(settings),
    keep: {
      perChannel: {
        days: settings.MILLRACE_KEEP_DAYS,
        count: settings.MILLRACE_KEEP_COUNT,
        bytes: settings.MILLRACE_KEEP_GB * 1e9,
      },
      total: { days: 0, count: settings.MILLRACE_KEEP_TOTAL_COUNT, bytes: settings.MILLRACE_KEEP_TOTAL_GB * 1e9 },
    },
    resumeSeconds: settings.MILLRACE_RESUME_SECONDS,
    idleSeconds: settings.MILLRACE_IDLE_SECONDS,
    maxMessageBytes: settings.MILLRACE_MAX_MESSAGE_MB * 1024 * 1024,
    maxKbps: settings.MILLRACE_MAX_KBPS,
    maxBroadcasts: settings.MILLRACE_MAX_BROADCASTS,
    publish: settings.MILLRACE_PUBLISH ?? (isLocal ? "open" : "keys"),
    publishHook: {
      url: settings.MILLRACE_PUBLISH_HOOK,
      authorization: settings.MILLRACE_PUBLISH_HOOK_AUTHORIZATION,
    },
    adminToken: settings.MILLRACE_ADMIN_TOKEN,
  } as const;
}
