import type { PictureFrame, SoundFrame } from "../../server/analysis/frame.ts";

const WIDTH = 32;
const HEIGHT = 18;

/** A small picture whose brightness is `luma` at each place. */
export function picture(time: number, luma: (x: number, y: number) => number): PictureFrame {
  const y = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => luma(at % WIDTH, Math.floor(at / WIDTH)));
  const chroma = () => new Uint8Array((WIDTH / 2) * (HEIGHT / 2)).fill(128);
  return { kind: "picture", time, width: WIDTH, height: HEIGHT, planes: { y, u: chroma(), v: chroma() } };
}

/** 50 ms of stereo sound; `value` from −1 to 1 for each sample since `time` 0. */
export function sound(time: number, value: (seconds: number) => number): SoundFrame {
  const sampleRate = 48_000;
  const samples = new Int16Array(sampleRate / 10);
  for (let at = 0; at < samples.length; at++) {
    samples[at] = Math.round(value(time + Math.floor(at / 2) / sampleRate) * 32_767);
  }
  return { kind: "sound", time, sampleRate, channels: 2, samples };
}
