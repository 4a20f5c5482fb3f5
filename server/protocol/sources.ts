import { z } from "zod";
import { channelName } from "./names.ts";
import { parseAddress, type SourceAddress } from "./source-address.ts";

/** A path below the folder of the sources: what leads out of it is refused when it is opened. */
const path = z.string().min(1).max(1024);
/** SRT's own limits. */
const passphrase = z
  .string()
  .regex(/^[\x21-\x7e]{10,79}$/, "a passphrase has 10 to 79 ASCII characters, and no spaces");

/**
 * A source that the server opens by itself: exactly one of `file`, `folder` and `address`. The key it stands under is
 * its channel; a folder's files have channels of their own.
 */
export const sourceSettings = z
  .strictObject({
    /** Played round and round, in real time. */
    file: path.optional(),
    /** Every file in it becomes a channel, for as long as it is there. */
    folder: path.optional(),
    address: z.string().optional(),
    /** Of an SRT address. */
    passphrase: passphrase.optional(),
    /** Whether it runs all the time or only while somebody watches. */
    start: z.enum(["always", "demand"]).default("always"),
    /** Stops so long after the last viewer. */
    stopAfterSeconds: z.number().min(1).max(86_400).default(10),
    /** Whether its broadcasts are kept; see {@link isKept} for what holds without it. */
    record: z.boolean().optional(),
  })
  .superRefine((settings, context) => {
    const { file, folder, address } = settings;
    const fail = (message: string, ...at: string[]) => context.addIssue({ code: "custom", message, path: at });
    if ([file, folder, address].filter((each) => each !== undefined).length !== 1) {
      fail("allowed is exactly one of file, folder and address");
    }
    const parsed = address === undefined ? undefined : tryAddress(address);
    if (typeof parsed === "string") fail(parsed, "address");
    const isSrt = typeof parsed === "object" && parsed.kind.startsWith("srt");
    if (settings.passphrase !== undefined && !isSrt) fail("only an srt address has a passphrase", "passphrase");
    const listens = typeof parsed === "object" && parsed.kind === "srt-listener";
    if (listens && settings.start === "demand") fail("a listener cannot wait for viewers", "start");
  });

/** Sources by name. */
export const sourceTable = z.record(channelName, sourceSettings);

/**
 * How one channel of a source is. `idle`: until somebody watches. `listening`: until somebody sends. `waiting`: for the
 * next try, at `retryAt`; `problem` says why. `stopped`: by the operator, until the source is set anew.
 */
const sourceChannel = z.object({
  channel: channelName,
  state: z.enum(["idle", "listening", "starting", "live", "waiting", "stopped"]),
  problem: z.string().nullable(),
  retryAt: z.iso.datetime().nullable(),
});

/** One item of `GET /api/v1/sources`. Addresses without user, password and query; never a passphrase. */
export const source = z.object({
  name: channelName,
  /** Where it was named: what stands in the file can be changed only there. */
  from: z.enum(["config", "api"]),
  kind: z.enum(["file", "folder", "rtsp", "hls", "rtmp", "srt", "srt-listener"]),
  /** The path or address. */
  location: z.string(),
  /** Nothing of it is secret: `location` is all of the address, and there is no passphrase. */
  isWhole: z.boolean(),
  start: z.enum(["always", "demand"]),
  stopAfterSeconds: z.number(),
  record: z.boolean(),
  /** Of the folder itself; each channel has its own. */
  problem: z.string().nullable(),
  channels: z.array(sourceChannel),
});

/** `GET /api/v1/sources`. */
export const sourceList = z.object({ items: z.array(source) });

export type SourceSettings = z.output<typeof sourceSettings>;
export type SourceTable = Readonly<Record<string, SourceSettings>>;
export type SourceChannel = z.infer<typeof sourceChannel>;
export type Source = z.infer<typeof source>;

/**
 * Whether broadcasts are kept: as the source says; else not what is in a file already, nor what comes and goes with its
 * viewers; else as the server's settings say.
 */
export function isKept({ record, address, start }: SourceSettings, byDefault: boolean): boolean {
  return record ?? (byDefault && address !== undefined && start === "always");
}

/** What is wrong with a source or a table of them, a line each; `at` is what the lines begin with. */
export function sourceProblems(error: z.ZodError, at: string): string[] {
  return error.issues.flatMap(({ path: where, message, ...issue }) => {
    const inKey = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
    const words = issue.code === "unrecognized_keys" ? `there is no ${issue.keys.join(", ")} here` : (inKey ?? message);
    return `${[at, ...where.map(String)].join(".")}: ${words}`;
  });
}

function tryAddress(text: string): SourceAddress | string {
  try {
    return parseAddress(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
