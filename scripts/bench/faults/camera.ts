import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";

const PICTURE = ["-re", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30"];
const SOUND = ["-re", "-f", "lavfi", "-i", "sine=r=48000"];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "31"];
const OPUS = ["-c:a", "libopus", "-b:a", "64k"];
const OUTPUT = ["-f", "matroska", "-live", "1", "-cluster_time_limit", "1000", "-flush_packets", "1", "pipe:1"];

/** A camera that never stops by itself: 640×360 at 30 fps of H.264, and Opus, in Matroska, made in real time. */
export class Camera implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #hash = createHash("sha256");

  constructor(onBytes: (bytes: Uint8Array) => void) {
    const args = ["-v", "error", ...PICTURE, ...SOUND, ...H264, "-b:v", "1200k", ...OPUS, ...OUTPUT];
    this.#process = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#ended = once(this.#process, "close");
    this.#process.stdout?.on("data", (bytes: Uint8Array) => {
      this.#hash.update(bytes);
      onBytes(bytes);
    });
  }

  /** Ends the recording in order, and tells the SHA-256 in hex of everything that was recorded. */
  async stop(): Promise<string> {
    this.#process.kill("SIGINT");
    await this.#ended;
    return this.#hash.digest("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
  }
}
