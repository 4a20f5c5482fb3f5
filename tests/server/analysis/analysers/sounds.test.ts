import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { builtIn } from "../../../../server/analysis/analysers/all.ts";
import type { Finding } from "../../../../server/analysis/finding.ts";
import type { SoundFrame } from "../../../../server/analysis/frame.ts";
import { sound } from "../../../helpers/analysis-frames.ts";
import { ffmpeg } from "../../../helpers/media-ffmpeg.ts";

const tone = (hz: number, level: number) => (seconds: number) => level * Math.sin(2 * Math.PI * hz * seconds);

function found(name: "silence" | "loudness", seconds: number, value: (seconds: number) => number): Finding[] {
  const frames = Array.from({ length: seconds * 20 }, (_, at) => sound(at / 20, value));
  return foundIn(name, frames);
}

function foundIn(name: "silence" | "loudness", frames: readonly SoundFrame[]): Finding[] {
  const [analyser] = builtIn([name]);
  return frames.flatMap((frame) => [...(analyser?.analyze(frame) ?? [])]);
}

test("silence is a range, from two seconds on; the noise of a microphone is silence, a whisper is not", () => {
  const noise = tone(300, 0.0005);
  const spoken = (seconds: number) => (seconds >= 2 && seconds < 6 ? noise(seconds) : tone(440, 0.1)(seconds));
  expect(found("silence", 8, spoken).map(({ shape, time }) => [shape, time])).toEqual([
    ["begin", 2],
    ["end", 6],
  ]);
  expect(found("silence", 5, tone(300, 0.005))).toEqual([]);
  expect(found("silence", 5, (seconds) => (seconds >= 2 && seconds < 3 ? 0 : 0.1))).toEqual([]);
});

/** EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS peak is −23 LUFS. */
test("a sine of 1 kHz at −23 dBFS has −23 LUFS, whether momentary, short-term or integrated", () => {
  const findings = found("loudness", 6, tone(1_000, 10 ** (-23 / 20)));
  expect(findings).toHaveLength(5);
  const { momentary, shortTerm, integrated } = findings.at(-1)?.data ?? {};
  for (const lufs of [momentary, shortTerm, integrated]) expect(lufs).toBeCloseTo(-23, 0);
  expect(Math.abs(Number(integrated) + 23)).toBeLessThan(0.1001);
});

/** As in EBU Tech 3341, case 3: what is far below the rest does not count, but for windows that reach over an edge. */
test("the quiet parts of a programme are gated", () => {
  const level = (seconds: number) => (seconds >= 4 && seconds < 12 ? -23 : -46);
  const findings = found("loudness", 16, (seconds) => tone(1_000, 10 ** (level(seconds) / 20))(seconds));
  expect(Math.abs(Number(findings.at(-1)?.data?.integrated) + 23)).toBeLessThan(0.25);
});

test("what cannot be heard has no loudness", () => {
  expect(found("loudness", 3, () => 0).map(({ data }) => data)).toEqual([{}, {}]);
});

test("FFmpeg's own meter finds the same in noise that comes and goes", () => {
  const source =
    "anoisesrc=c=pink:r=48000:a=0.3:d=8:seed=7,volume='0.2+0.8*gt(mod(t,3),1)':eval=frame,aformat=sample_fmts=s16:channel_layouts=stereo";
  const pcm = ffmpeg(["-f", "lavfi", "-i", source, "-f", "s16le", "pipe:1"]);
  const frames: SoundFrame[] = [];
  const BYTES = (48_000 / 20) * 4;
  for (let at = 0; at + BYTES <= pcm.byteLength; at += BYTES) {
    const samples = new Int16Array(new Uint8Array(pcm.subarray(at, at + BYTES)).buffer);
    frames.push({ kind: "sound", time: frames.length / 20, sampleRate: 48_000, channels: 2, samples });
  }
  const { stderr } = spawnSync(
    "ffmpeg",
    ["-hide_banner", "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", "-af", "ebur128", "-f", "null", "-"],
    { input: pcm },
  );
  const measured = Number(/Integrated loudness:\s+I:\s+(-[\d.]+) LUFS/.exec(stderr.toString())?.[1]);
  const integrated = Number(foundIn("loudness", frames).at(-1)?.data?.integrated);
  // The last measure is taken up to a second before the end.
  expect(Math.abs(integrated - measured)).toBeLessThanOrEqual(0.3);
});
