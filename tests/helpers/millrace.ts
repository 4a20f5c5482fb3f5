import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServerProcess, startServer } from "../../scripts/example/server-process.ts";
import { until } from "../../scripts/example/until.ts";
import { channel, type LiveBroadcast, type Recording, recordingList } from "../../server/protocol/api.ts";
import { tempFolder } from "./temp-folder.ts";

const LIMIT_MS = 30_000;
/** Tests wait for many things. */
const EVERY_MS = 40;

type Settings = Readonly<Record<string, string>>;

/** The built server as a process of its own. */
export interface Millrace extends AsyncDisposable {
  readonly url: string;
  /** How RTMP addresses begin; empty unless the settings ask for RTMP. */
  readonly rtmpUrl: string;
  /** Where publishers of images connect to; empty unless the settings ask for it. */
  readonly framesUrl: string;
  readonly dataDir: string;
  readonly process: ServerProcess;
  /** The folder of a recording. */
  folderOf(channel: string, id: string): string;
  /** Ends it without a warning, and waits until it is gone. */
  kill(): Promise<void>;
  /** Its next life: with the same data, which go with the first one, and with `settings` on top of the same. */
  again(settings?: Settings): Promise<Millrace>;
}

/** Starts the server on a free port, with data of its own; `settings` are on top of what a test wants. */
export async function startMillrace(settings: Settings = {}): Promise<Millrace> {
  const data = await tempFolder();
  try {
    return await launch(settings, data.path, () => data[Symbol.asyncDispose]());
  } catch (error) {
    await data[Symbol.asyncDispose]();
    throw error;
  }
}

async function launch(settings: Settings, dataDir: string, clear: () => PromiseLike<void>): Promise<Millrace> {
  const server = await startServer({
    MILLRACE_HOST: "127.0.0.1",
    MILLRACE_PORT: "0",
    MILLRACE_DATA_DIR: dataDir,
    MILLRACE_LOG_LEVEL: "error",
    // One picture costs least; what is about several asks for them.
    MILLRACE_LADDER: "ORIGINAL",
    ...settings,
  });
  return {
    url: server.url,
    rtmpUrl: server.rtmpUrl ?? "",
    framesUrl: server.framesUrl ?? "",
    dataDir,
    process: server,
    folderOf: (name, id) => join(dataDir, "recordings", name, id),
    async kill() {
      process.kill(server.pid, "SIGKILL");
      await server.exited;
    },
    again: (more) => launch({ ...settings, ...more }, dataDir, async () => {}),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await clear();
    },
  };
}

/** The broadcast that is live on a channel. */
export async function liveOn(url: string, name: string): Promise<LiveBroadcast | null> {
  const response = await fetch(`${url}/api/v1/channels/${name}`);
  return channel.parse(await response.json()).broadcast;
}

/** Waits until people can watch a channel. */
export function readyOn(url: string, name: string): Promise<LiveBroadcast> {
  return until({ what: `for ${name} to be ready`, limitMs: LIMIT_MS, everyMs: EVERY_MS }, async () => {
    const broadcast = await liveOn(url, name);
    return broadcast?.ready === true ? broadcast : undefined;
  });
}

/** All recordings, newest first. */
export async function recordings(url: string): Promise<Recording[]> {
  const response = await fetch(`${url}/api/v1/recordings`);
  return recordingList.parse(await response.json()).items;
}

/** Waits until the newest recording of a channel has its end. */
export function finishedOn(url: string, name: string, limitMs = LIMIT_MS): Promise<Recording> {
  return until({ what: `for the recording of ${name}`, limitMs, everyMs: EVERY_MS }, async () =>
    (await recordings(url)).find((recording) => recording.channel === name && recording.state === "finished"),
  );
}

/** Waits until the folder of a recording has the copy that can be sought in. */
export async function seekableIn(folder: string, extension: string): Promise<string> {
  const file = join(folder, `seekable.${extension}`);
  return until({ what: "for the seekable copy", limitMs: LIMIT_MS, everyMs: EVERY_MS }, () =>
    existsSync(file) ? file : undefined,
  );
}

/** Hex SHA-256 of bytes, or of a file. */
export function sha256(content: Uint8Array | string): string {
  const bytes = typeof content === "string" ? readFileSync(content) : content;
  return createHash("sha256").update(bytes).digest("hex");
}

/** What ffprobe says of an address, as JSON. */
export function ffprobe(address: string, entries: readonly string[]): unknown {
  const output = execFileSync("ffprobe", ["-v", "error", ...entries, "-of", "json", address], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(output);
}
