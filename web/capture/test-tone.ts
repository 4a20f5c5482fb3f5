import { openMadeSound } from "./made-sound.ts";

const BEEP_HZ = 880;
const BEEP_S = 0.08;
const BEEP_GAIN = 0.05;
/** A beep is planned this long before its second begins, so that a late tick cannot miss it. */
const PLAN_AHEAD_MS = 250;

/** A quiet beep at the start of every second, in step with the test card's clock. */
export interface TestTone {
  readonly track: MediaStreamTrack;
  /** Call often with the clock that the picture shows, in Unix ms. */
  tick(clockMs: number): void;
  close(): void;
}

/** Undefined where the browser allows no sound yet. */
export async function openTestTone(): Promise<TestTone | undefined> {
  const sound = await openMadeSound();
  if (sound === undefined) return undefined;
  const { context, destination, track, close } = sound;
  const gain = new GainNode(context, { gain: 0 });
  const oscillator = new OscillatorNode(context, { frequency: BEEP_HZ });
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  return { track, tick: beeper(context, gain.gain), close };
}

function beeper(context: AudioContext, gain: AudioParam): (clockMs: number) => void {
  let plannedSecond = 0;
  return (clockMs) => {
    const second = Math.ceil(clockMs / 1000);
    const inMs = second * 1000 - clockMs;
    if (second <= plannedSecond || inMs > PLAN_AHEAD_MS) return;
    plannedSecond = second;
    const at = context.currentTime + inMs / 1000;
    gain.setValueAtTime(0, at);
    gain.linearRampToValueAtTime(BEEP_GAIN, at + 0.005);
    gain.setValueAtTime(BEEP_GAIN, at + BEEP_S - 0.01);
    gain.linearRampToValueAtTime(0, at + BEEP_S);
  };
}
