import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerProcess, startServer } from "../../scripts/example/server-process.ts";
import { until } from "../../scripts/example/until.ts";
import { channel, type LiveBroadcast, type Recording, recordingList } from "../../server/protocol/api.ts";

/** The built server as a process of its own, with a data folder that goes with it. */
export interface Millrace extends AsyncDisposable {
  readonly url: string;
  /** How RTMP addresses begin; empty unless the settings ask for RTMP. */
  readonly rtmpUrl: string;
  /** Where publishers of images connect to; empty unless the settings ask for it. */
  readonly framesUrl: string;
  readonly dataDir: string;
  readonly process: ServerProcess;
}

/** Starts the server on a free port; `settings` are on top of what a test wants. */
export async function startMillrace(settings: Readonly<Record<string, string>> = {}): Promise<Millrace> {
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-test-"));
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
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The broadcast that is live on a channel. */
export async function liveOn(url: string, name: string): Promise<LiveBroadcast | null> {
  const response = await fetch(`${url}/api/v1/channels/${name}`);
  return channel.parse(await response.json()).broadcast;
}

/** All recordings, newest first. */
export async function recordings(url: string): Promise<Recording[]> {
  const response = await fetch(`${url}/api/v1/recordings`);
  return recordingList.parse(await response.json()).items;
}

/** Waits until the newest recording of a channel has its end. */
export function finishedOn(url: string, name: string, limitMs = 30_000): Promise<Recording> {
  return until({ what: `for the recording of ${name}`, limitMs }, async () =>
    (await recordings(url)).find((recording) => recording.channel === name && recording.state === "finished"),
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
