import { spawn } from "node:child_process";
import { once } from "node:events";
import { ffmpeg } from "./media-ffmpeg.ts";

/**
 * 2 s of a moving picture, 3 s of black, 3 s of another picture that stands still; sound only in the first half. The same
 * again as many `times`.
 */
export function scenes(times = 1): Buffer {
  const graph = [
    "testsrc2=s=160x90:r=30:d=2[a];color=black:s=160x90:r=30:d=3[b];smptebars=s=160x90:r=30:d=3[c]",
    `[a][b][c]concat=n=3,loop=${times - 1}:240:0,setpts=N/30/TB[v]`,
    `aevalsrc='0.3*sin(2*PI*440*t)*lt(mod(t,8),4)':s=48000:d=${8 * times},asetnsamples=n=960[s]`,
  ].join(";");
  const output = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-c:a", "libopus", "-f", "matroska"];
  return ffmpeg(["-filter_complex", graph, "-map", "[v]", "-map", "[s]", ...output, "-live", "1", "pipe:1"]);
}

/** Publishes Matroska in real time over HTTP; dispose it to end the broadcast. */
export function publishInRealTime(address: string, matroska: Uint8Array): AsyncDisposable {
  const output = ["-c", "copy", "-f", "matroska", "-live", "1", "-flush_packets", "1", "-method", "POST", address];
  const child = spawn("ffmpeg", ["-v", "error", "-re", "-f", "matroska", "-i", "pipe:0", ...output], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  // It may be killed before it has read everything.
  child.stdin.on("error", () => {});
  child.stdin.end(matroska);
  const ended = once(child, "exit");
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
