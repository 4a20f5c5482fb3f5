import { measureClock, nowMs } from "../ui/server-clock.ts";
import { captureByHand, painterOf, type Size } from "./canvas-track.ts";
import { type CaptureSource, type SourcePart, sourceOf } from "./source.ts";
import { paintBackground, paintMoment } from "./test-card-painting.ts";
import { openTestTone, type TestTone } from "./test-tone.ts";
import { startTicker } from "./ticker.ts";

const NO_SOUND = "The browser allows no sound before the first click: the test card is silent.";

/** How the test card is painted. */
export interface TestCardRequest extends Size {
  readonly fps: number;
  readonly audio: boolean;
}

/** A moving picture with a clock, the capture time as a strip (time-strip.ts), and a beep each second. */
export async function openTestCard(request: TestCardRequest): Promise<CaptureSource> {
  const tone = request.audio ? await openTestTone() : undefined;
  return sourceOf({
    picture: paintedPart(request, tone),
    sound: tone === undefined ? undefined : { track: tone.track, isStandIn: false, close: () => tone.close() },
    notes: request.audio && tone === undefined ? [NO_SOUND] : [],
  });
}

function paintedPart(request: TestCardRequest, tone: TestTone | undefined): SourcePart {
  const painter = painterOf(request);
  const background = painterOf(request);
  paintBackground(background, `Millrace ${request.width}×${request.height} ${request.fps} fps`);
  const { track, send } = captureByHand(painter.canvas, request.fps);
  const stop = startPainting({ painter, background: background.canvas, tone, send, fps: request.fps });
  const close = () => {
    stop();
    track.stop();
  };
  return { track, isStandIn: false, close };
}

interface Painting {
  readonly painter: CanvasRenderingContext2D;
  readonly background: HTMLCanvasElement;
  readonly tone: TestTone | undefined;
  readonly send: () => void;
  readonly fps: number;
}

function startPainting({ painter, background, tone, send, fps }: Painting): () => void {
  let frame = 0;
  let offsetMs = 0;
  void measureClock().then((clock) => {
    offsetMs = clock.offsetMs;
  });
  return startTicker(fps, () => {
    const clockMs = nowMs() + offsetMs;
    painter.drawImage(background, 0, 0);
    paintMoment(painter, clockMs, frame);
    send();
    tone?.tick(clockMs);
    frame += 1;
  });
}
