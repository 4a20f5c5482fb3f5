import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { RtmpProtocol } from "../../server/ingest/rtmp/protocol.ts";
import { listening } from "./listening.ts";

const PICTURE = ["-re", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=30"];
const TONE = ["-re", "-f", "lavfi", "-i", "sine=r=44100"];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "30"];

/** What FFmpeg publishes over RTMP, by name: arguments for {@link publishRtmp}. */
export const rtmpSources = {
  both: [...PICTURE, ...TONE, ...H264, "-c:a", "aac"],
  videoOnly: [...PICTURE, ...H264],
  audioOnly: [...TONE, "-c:a", "aac"],
  mp3: [...PICTURE, ...TONE, ...H264, "-c:a", "libmp3lame"],
} as const;

/** How FFmpeg ended. */
export interface PublisherEnd {
  readonly code: number | null;
  readonly words: string;
}

/** FFmpeg as an RTMP publisher. */
export class RtmpPublisher implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<PublisherEnd>;

  constructor(address: string, options: readonly string[]) {
    this.child = spawn("ffmpeg", ["-v", "error", "-nostdin", ...options, "-f", "flv", address], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const words = this.child.stderr === null ? Promise.resolve("") : text(this.child.stderr);
    this.ended = once(this.child, "exit").then(async ([code]) => ({
      code: typeof code === "number" ? code : null,
      words: await words,
    }));
  }

  /** Ends as a person ends it: with a goodbye. */
  async end(): Promise<PublisherEnd> {
    this.child.kill("SIGINT");
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** Publishes for so many seconds of the source, in real time. */
export function publishRtmp(address: string, options: readonly string[], seconds: number): RtmpPublisher {
  return new RtmpPublisher(address, [...options, "-t", String(seconds)]);
}

/** All that a real publisher sends to a server that says yes to it: its bytes do not depend on the answers. */
export async function recordRtmp(path: string, options: readonly string[], seconds: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const server = createServer((socket) => {
    const protocol = new RtmpProtocol((bytes) => socket.write(bytes));
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      pieces.push(bytes);
      const events = protocol.push(bytes);
      if (events.some(({ type }) => type === "publish")) protocol.say("status", "NetStream.Publish.Start", "go on");
      if (events.some(({ type }) => type === "unpublish")) socket.end();
    });
  });
  await using on = await listening(server);
  await publishRtmp(`rtmp://127.0.0.1:${on.port}${path}`, options, seconds).ended;
  return Buffer.concat(pieces);
}
