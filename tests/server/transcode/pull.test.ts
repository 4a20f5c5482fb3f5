import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { OpeningScanner } from "../../../server/media/opening-scanner.ts";
import { prepareFfmpeg } from "../../../server/transcode/ffmpeg.ts";
import { type Pull, type PullInput, pullOptions, startPull } from "../../../server/transcode/pull.ts";
import { eventually } from "../../helpers/eventually.ts";
import { listening } from "../../helpers/listening.ts";
import { ffmpeg, makeFile } from "../../helpers/media-ffmpeg.ts";
import { ffmpegsBelow } from "../../helpers/processes.ts";
import { rtspServer } from "../../helpers/rtsp-server.ts";
import { serveFolder } from "../../helpers/static-server.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const PASSPHRASE = "correct-horse&battery";
const encoding = { seconds: 2, video: ["-c:v", "libx264", "-preset", "ultrafast", "-g", "15"], audio: ["-c:a", "aac"] };
const clip = makeFile({ ...encoding, output: ["-f", "matroska"] });
beforeAll(() => prepareFfmpeg("ffmpeg"));

/** Plays the clip round and round to an address, until it is disposed. */
async function sender(
  folder: TempFolder,
  output: readonly string[],
): Promise<AsyncDisposable & { readonly process: ChildProcess }> {
  const path = join(folder.path, "clip.mkv");
  await writeFile(path, clip);
  const child = spawn("ffmpeg", ["-v", "error", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", ...output], {
    stdio: "ignore",
  });
  const gone = once(child, "exit");
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** A port that nobody uses: what FFmpeg listens on has to be named. */
async function freePort(): Promise<number> {
  await using on = await listening(createServer());
  return on.port;
}

/** Codecs of what comes, and the time of the newest picture in seconds, as our own parsers read them. */
function follow(pull: Pull) {
  const scanner = new OpeningScanner();
  const seen = { codecs: [] as string[], newest: 0 };
  pull.output.on("data", (bytes: Uint8Array) => {
    for (const event of scanner.push(bytes)) {
      if (event.type === "init") seen.codecs = event.tracks.map(({ codec }) => codec);
      if (event.type === "resync") seen.newest = event.time;
    }
  });
  return seen;
}

/** A sender that listens may not do so yet: asked again until media comes. */
async function pullUntilMedia(input: PullInput): Promise<void> {
  for (let tries = 0; ; tries++) {
    await using pull = startPull("ffmpeg", input);
    const seen = follow(pull);
    let failure: unknown;
    pull.finished.catch((error: unknown) => {
      failure = error;
    });
    await eventually("media comes or it fails", () => seen.newest > 0.4 || failure !== undefined);
    if (failure === undefined) return expect(seen.codecs).toEqual(["h264", expect.stringMatching(/aac|flac/)]);
    if (tries > 20) throw failure;
    await sleep(100);
  }
}

describe("from loopback, the picture as it is and the sound lossless:", () => {
  test("RTSP, over TCP", async () => {
    await using camera = await rtspServer();
    await using pull = startPull("ffmpeg", { kind: "rtsp", location: camera.url, shown: camera.url });
    const seen = follow(pull);
    await eventually("media comes", () => seen.newest > 0.4);
    expect(seen.codecs).toEqual(["h264"]);
    expect(camera.asked.slice(0, 4)).toEqual(["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]);
  });

  test("RTMP", async () => {
    await using folder = await tempFolder();
    const location = `rtmp://127.0.0.1:${await freePort()}/live/x`;
    await using _ = await sender(folder, ["-f", "flv", "-listen", "1", location]);
    await pullUntilMedia({ kind: "rtmp", location, shown: location });
  });

  test("SRT, called", async () => {
    await using folder = await tempFolder();
    const location = `srt://127.0.0.1:${await freePort()}`;
    await using _ = await sender(folder, ["-f", "mpegts", "-passphrase", PASSPHRASE, `${location}?mode=listener`]);
    await pullUntilMedia({ kind: "srt", location, shown: location, passphrase: PASSPHRASE });
  });

  test("SRT, listened for: who does not know the passphrase is sent away, and the next one is heard", async () => {
    await using folder = await tempFolder();
    const port = await freePort();
    const location = `srt://127.0.0.1:${port}?mode=listener`;
    await using pull = startPull("ffmpeg", { kind: "srt-listener", location, shown: "srt", passphrase: PASSPHRASE });
    const seen = follow(pull);
    const stranger = await sender(folder, [
      "-f",
      "mpegts",
      "-passphrase",
      "wrong-passphrase",
      `srt://127.0.0.1:${port}`,
    ]);
    await once(stranger.process, "exit");
    expect(seen.codecs).toEqual([]);
    const friend = await sender(folder, ["-f", "mpegts", "-passphrase", PASSPHRASE, `srt://127.0.0.1:${port}`]);
    await eventually("media comes", () => seen.newest > 0.4);
    await friend[Symbol.asyncDispose]();
    // That its sender has gone ends it; whether FFmpeg takes that for a failure is its affair.
    await pull.finished.catch(() => {});
    expect(seen.codecs).toEqual(["h264", "flac"]);
  });

  test("HLS of a web server, in real time, to its end", async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, "clip.mkv"), clip);
    const segments = ["-f", "hls", "-hls_time", "0.5", "-hls_playlist_type", "vod"];
    ffmpeg(["-i", join(folder.path, "clip.mkv"), "-c", "copy", ...segments, join(folder.path, "list.m3u8")]);
    await using server = await serveFolder(folder.path);
    await using pull = startPull("ffmpeg", { kind: "hls", location: `${server.url}/list.m3u8`, shown: "" });
    const seen = follow(pull);
    const began = performance.now();
    await pull.finished;
    expect(performance.now() - began).toBeGreaterThan(1_000);
    expect(seen.codecs).toEqual(["h264", "flac"]);
  });
});

test("a playlist leads to no file", async () => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, "secret.ts"), makeFile({ ...encoding, output: ["-f", "mpegts"] }));
  const lines = [
    "#EXTM3U",
    "#EXT-X-TARGETDURATION:2",
    "#EXTINF:2,",
    `file://${folder.path}/secret.ts`,
    "#EXT-X-ENDLIST",
  ];
  await writeFile(join(folder.path, "list.m3u8"), lines.join("\n"));
  await using server = await serveFolder(folder.path);
  await using pull = startPull("ffmpeg", { kind: "hls", location: `${server.url}/list.m3u8`, shown: "list" });
  const seen = follow(pull);
  await expect(pull.finished).rejects.toMatchObject({ code: "encoder_failed" });
  expect(seen.codecs).toEqual([]);
});

test("an address that nobody answers fails with words that hide what is secret", async () => {
  const location = `rtmp://user:pass@127.0.0.1:${await freePort()}/live/x?token=abc`;
  await using pull = startPull("ffmpeg", { kind: "rtmp", location, shown: "rtmp://127.0.0.1/live/x" });
  const failure = await pull.finished.catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "encoder_failed", message: expect.stringContaining("Connection refused") });
  expect(String(failure)).not.toMatch(/user|pass|token|abc/);
});

test("one that is not read is held up, and is gone when it is disposed of all the same", async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, "clip.mkv");
  await writeFile(path, clip);
  const pull = startPull("ffmpeg", { kind: "file", location: path, shown: "clip" });
  await eventually("there is something to read", () => pull.output.readableLength > 0);
  await pull[Symbol.asyncDispose]();
  expect(ffmpegsBelow()).toEqual([]);
});

test("a binary that is not there fails", async () => {
  await using pull = startPull("/missing/ffmpeg", { kind: "rtmp", location: "rtmp://127.0.0.1/x", shown: "x" });
  await expect(pull.finished).rejects.toMatchObject({ code: "encoder_failed" });
});

test.each([
  ["file", "file"],
  ["rtsp", "tcp,tls,rtsp,rtp"],
  ["hls", "http,https,tcp,tls,crypto"],
  ["rtmp", "rtmp,rtmps,tcp,tls"],
  ["srt", "srt"],
  ["srt-listener", "srt"],
] as const)("%s opens nothing but %s, and its format is told", (kind, protocols) => {
  const options = pullOptions({ kind, location: "a.mp4", shown: "", passphrase: undefined });
  expect(options[options.indexOf("-protocol_whitelist") + 1]).toBe(protocols);
  expect(options.at(-2)).toBe("-f");
});

test("a file whose name does not tell its format is not read", () => {
  const input = { kind: "file", location: "/a/words.m3u8", shown: "words.m3u8" } as const;
  expect(() => startPull("ffmpeg", input)).toThrow("a file is called *.mp4");
});
