import { captureByHand, painterOf, type Size } from "./canvas-track.ts";
import { openMadeSound } from "./made-sound.ts";
import type { SourcePart } from "./source.ts";
import { startTicker } from "./ticker.ts";

const FPS = 15;

/** A still picture that says so, in the place of a camera that went away: viewers and encoder go on. */
export function openStillPicture(size: Size): SourcePart {
  const painter = painterOf(size);
  const { track, send } = captureByHand(painter.canvas, FPS);
  const stop = startTicker(FPS, () => {
    paint(painter);
    send();
  });
  const close = () => {
    stop();
    track.stop();
  };
  return { track, isStandIn: true, close };
}

/** Silence in the place of a microphone; undefined where the browser allows no sound yet. */
export async function openSilence(): Promise<SourcePart | undefined> {
  const sound = await openMadeSound();
  if (sound === undefined) return undefined;
  const { context, destination, track, close } = sound;
  const nothing = new ConstantSourceNode(context, { offset: 0 });
  nothing.connect(destination);
  nothing.start();
  return { track, isStandIn: true, close };
}

function paint(painter: CanvasRenderingContext2D): void {
  const { width, height } = painter.canvas;
  painter.fillStyle = "#0e1618";
  painter.fillRect(0, 0, width, height);
  painter.fillStyle = "#9bb0b3";
  painter.font = `500 ${Math.round(height * 0.06)}px system-ui, sans-serif`;
  painter.textAlign = "center";
  painter.fillText("The picture will be back soon.", width / 2, height / 2, width * 0.9);
}
