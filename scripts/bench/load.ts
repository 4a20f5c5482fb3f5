import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

/** MediaRecorder hands out its bytes about this often. */
const PIECE_MS = 50;

/** Bytes such as a camera page sends: 720p30 at 2.5 Mbit/s and Opus, a key frame about every second. */
export function makeCamera(codec: "h264" | "vp8", seconds: number): Buffer {
  const video = {
    h264: ["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-f", "matroska"],
    vp8: ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "12", "-f", "webm"],
  }[codec];
  const input = [
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=1280x720:r=30,noise=alls=12:allf=t",
    "-f",
    "lavfi",
    "-i",
    "sine=r=48000",
  ];
  const rate = ["-b:v", "2400k", "-minrate", "2400k", "-maxrate", "2400k", "-bufsize", "1200k", "-g", "31"];
  const audio = ["-c:a", "libopus", "-b:a", "96k", "-live", "1", "-cluster_time_limit", "1000"];
  const args = ["-v", "error", ...input, "-t", String(seconds), ...rate, ...audio, ...video, "pipe:1"];
  const { stdout, stderr, status } = spawnSync("ffmpeg", args, { maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(`no test picture: ${stderr}`);
  return stdout;
}

/** The bytes in pieces, each when its time has come. */
export async function* paced(bytes: Uint8Array, seconds: number): AsyncGenerator<Uint8Array> {
  const pieces = (seconds * 1000) / PIECE_MS;
  const began = performance.now();
  for (let index = 0; index < pieces; index++) {
    const dueMs = began + index * PIECE_MS - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    const from = Math.floor((bytes.byteLength * index) / pieces);
    yield bytes.subarray(from, Math.floor((bytes.byteLength * (index + 1)) / pieces));
  }
}

/** Publishes in real time, as a page does. */
export async function publishPaced(address: string, bytes: Uint8Array, seconds: number): Promise<void> {
  const socket = new WebSocket(address);
  await once(socket, "open");
  for await (const piece of paced(bytes, seconds)) socket.send(piece);
  socket.close(1000);
  await once(socket, "close");
}
