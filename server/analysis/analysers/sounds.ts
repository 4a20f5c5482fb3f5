import type { Analyser, Finding } from "../finding.ts";
import type { SoundFrame } from "../frame.ts";
import { BLOCK_SECONDS, KWeighting, LoudnessMeter, METER_HZ } from "./loudness-meter.ts";
import { Sampler } from "./sampler.ts";
import { Spell } from "./spell.ts";

const FULL_SCALE = 32_768;
/** −60 dBFS: below it is the noise of a microphone that nobody speaks into. */
const SILENCE_PEAK = FULL_SCALE / 1000;
const SILENCE_SECONDS = 2;

/** Makes an analyser of sound out of what it does with a stretch of it. */
function ofSound(look: (frame: SoundFrame) => Finding[]): Analyser {
  return { analyze: (frame) => (frame.kind === "sound" ? look(frame) : []) };
}

/** Ranges in which nothing can be heard. */
export function silence(): Analyser {
  const spell = new Spell("silence", SILENCE_SECONDS);
  return ofSound(({ samples, time }) => {
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    return spell.look(peak <= SILENCE_PEAK, time);
  });
}

/** Once a second how loud it is in LUFS, by EBU R128; what cannot be heard has no loudness. */
export function loudness(): Analyser {
  const meter = new LoudnessMeter();
  const sampler = new Sampler();
  let channels: Channel[] = [];
  let left = 0;
  let energy = 0;
  return ofSound(({ samples, time, sampleRate, channels: count }) => {
    if (sampleRate !== METER_HZ) return [];
    if (channels.length !== count) channels = Array.from({ length: count }, () => ({ weighting: new KWeighting() }));
    const blockSamples = Math.round(BLOCK_SECONDS * sampleRate);
    for (let at = 0; at < samples.length; at += count) {
      for (const [index, { weighting }] of channels.entries()) {
        energy += weighting.next((samples[at + index] ?? 0) / FULL_SCALE) ** 2;
      }
      left += 1;
      if (left < blockSamples) continue;
      meter.add(energy / blockSamples);
      left = 0;
      energy = 0;
    }
    return sampler.isDue(time) ? [{ type: "loudness", shape: "sample", data: figuresOf(meter) }] : [];
  });
}

interface Channel {
  readonly weighting: KWeighting;
}

function figuresOf(meter: LoudnessMeter): Record<string, number> {
  const figures = Object.entries(meter.loudness).filter(([, lufs]) => lufs !== undefined);
  return Object.fromEntries(figures.map(([name, lufs]) => [name, Math.round(lufs * 10) / 10]));
}
