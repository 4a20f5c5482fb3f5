#!/usr/bin/env node
// Sends images to a Millrace server over TCP: { 4-byte big-endian length, one JPEG, PNG or WebP }, repeated. Needs Node
// 20 and, unless images are piped in, FFmpeg; nothing else, so that it can be copied to where the camera is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const HELP = `Sends images to Millrace: docs/frames.md

  node send-frames.mjs                          a test picture to the channel "frames" of 127.0.0.1:7006
  node send-frames.mjs --webcam                 a camera; --device NAME for another one
  ffmpeg … -c:v mjpeg -f image2pipe - | node send-frames.mjs --stdin
  node send-frames.mjs --file source.frames     an archive again, with the times of the index beside it

  --to HOST:PORT    --channel NAME    --key KEY    --fps 30    --size 960x540    --format jpeg|png|webp    --seconds N
`;

const OPTIONS = {
  to: { type: "string", default: "127.0.0.1:7006" },
  channel: { type: "string" },
  key: { type: "string" },
  fps: { type: "string", default: "30" },
  size: { type: "string", default: "960x540" },
  format: { type: "string", default: "jpeg" },
  seconds: { type: "string" },
  webcam: { type: "boolean", default: false },
  device: { type: "string" },
  stdin: { type: "boolean", default: false },
  file: { type: "string" },
  help: { type: "boolean", default: false },
};
const options = given();

function given() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return fail(`${error.message}\n\n${HELP}`);
  }
}

const ENCODERS = {
  jpeg: ["-c:v", "mjpeg", "-q:v", "4"],
  png: ["-c:v", "png"],
  webp: ["-c:v", "libwebp", "-compression_level", "0"],
};
/** What FFmpeg calls cameras, by system. */
const CAMERAS = {
  linux: ["-f", "v4l2", "-i", "/dev/video0"],
  darwin: ["-f", "avfoundation", "-framerate", "30", "-i", "0:none"],
  win32: ["-f", "dshow", "-i", "video=Integrated Camera"],
};

/** Where the image that `bytes` begin with ends; 0 when it is not complete yet. */
function endOfImage(bytes) {
  if (bytes.length < 12) return 0;
  if (bytes.readUInt16BE(0) === 0xffd8) return endOfJpeg(bytes);
  if (bytes.readUInt32BE(0) === 0x89504e47) return endOfPng(bytes);
  if (bytes.toString("latin1", 0, 4) === "RIFF") return fitting(bytes, 8 + bytes.readUInt32LE(4));
  throw new Error("this is neither JPEG nor PNG nor WebP");
}

function fitting(bytes, end) {
  return end <= bytes.length ? end : 0;
}

/** From segment to segment, whose content may look like an end, up to the picture itself, which cannot. */
function endOfJpeg(bytes) {
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1];
    at += 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xda) return bytes.indexOf("ffd9", at, "hex") + 2 || 0;
  }
  return 0;
}

function endOfPng(bytes) {
  for (let at = 8; at + 8 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IEND") return fitting(bytes, end);
    at = end;
  }
  return 0;
}

/** The images of a stream that has one right after the other. */
async function* imagesIn(stream) {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let end = endOfImage(bytes); end > 1; end = endOfImage(bytes)) {
      yield bytes.subarray(0, end);
      bytes = bytes.subarray(end);
    }
  }
}

/** What FFmpeg makes of a camera or of its test picture, at the pace at which it comes. */
async function* madeByFfmpeg() {
  const { fps, size, format, seconds } = options;
  const camera = CAMERAS[process.platform] ?? CAMERAS.linux;
  const chosen = options.device === undefined ? camera : [...camera.slice(0, -1), options.device];
  const input = options.webcam ? chosen : ["-re", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${fps}`];
  const scaled = options.webcam ? ["-vf", `fps=${fps},scale=${size.replace("x", ":")}`] : [];
  const limit = seconds === undefined ? [] : ["-t", seconds];
  const output = [...scaled, ...limit, ...ENCODERS[format], "-flush_packets", "1", "-f", "image2pipe", "pipe:1"];
  const words = ["-hide_banner", "-loglevel", "error", "-nostdin"];
  const binary = process.env.MILLRACE_FFMPEG ?? "ffmpeg";
  const child = spawn(binary, [...words, ...input, ...output], { stdio: ["ignore", "pipe", "inherit"] });
  child.once("error", (error) => fail(`${binary} cannot be started: ${error.message}`));
  try {
    yield* imagesIn(child.stdout);
  } finally {
    child.kill();
  }
}

/** An archive, each image when it came. */
async function* archived(path) {
  const index = await readFile(join(dirname(path), "index"), "utf8");
  const times = new Map([...index.matchAll(/^a (\d+) ([\d.]+)$/gm)].map(([, at, ms]) => [Number(at), Number(ms)]));
  const began = performance.now();
  let first;
  let offset = 0;
  let bytes = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const end = 4 + bytes.readUInt32BE(0);
      const arrivedMs = times.get(offset) ?? first ?? 0;
      first ??= arrivedMs;
      await sleep(began + arrivedMs - first - performance.now());
      yield bytes.subarray(4, end);
      bytes = bytes.subarray(end);
      offset += end;
    }
  }
}

function source() {
  if (options.file !== undefined) return archived(options.file);
  return options.stdin ? imagesIn(process.stdin) : madeByFfmpeg();
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

async function main() {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(options.to) ?? [];
  if (host === undefined || !(options.format in ENCODERS)) return fail(HELP);
  const socket = connect(Number(port), host);
  socket.setNoDelay(true);
  let sent = 0;
  let isDone = false;
  await once(socket, "connect").catch((error) => fail(`${options.to}: ${error.message}`));
  // The server says no word: why it closes a connection stands in its log.
  const cut = () => isDone || fail(`the server closed the connection after ${sent} images: its log says why`);
  socket.on("error", cut).on("close", cut);
  const send = async (message) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    socket.cork();
    socket.write(length);
    const hasRoom = socket.write(message);
    socket.uncork();
    if (!hasRoom) await once(socket, "drain");
  };
  const { channel, key } = options;
  if (channel !== undefined || key !== undefined) {
    await send(Buffer.from(JSON.stringify({ channel: channel ?? "frames", key })));
  }
  for await (const image of source()) {
    await send(image);
    sent += 1;
  }
  isDone = true;
  // A length of 0: the broadcast is over.
  socket.end(Buffer.alloc(4));
  await once(socket, "close");
  process.stdout.write(`${sent} images were sent\n`);
}

if (options.help) process.stdout.write(HELP);
else await main();
