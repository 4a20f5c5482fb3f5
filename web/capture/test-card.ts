import { measureClock, nowMs } from "../ui/server-clock.ts";
import type { CaptureSource } from "./source.ts";
import { paintBackground, paintMoment } from "./test-card-painting.ts";
import { openTestTone, type TestTone } from "./test-tone.ts";
import { startTicker } from "./ticker.ts";

const NO_SOUND = "The browser allows no sound before the first click: the test card is silent.";

/** How the test card is painted. */
export interface TestCardRequest {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly audio: boolean;
}

/** A moving picture with a clock, the capture time as a strip (time-strip.ts), and a beep each second. */
export async function openTestCard(request: TestCardRequest): Promise<CaptureSource> {
  const tone = request.audio ? await openTestTone() : undefined;
  const { painter, background } = canvases(request);
  const { track, send } = captureByHand(painter.canvas, request.fps);
  const stop = startPainting({ painter, background, tone, send, fps: request.fps });
  return {
    stream: new MediaStream(tone === undefined ? [track] : [track, tone.track]),
    notes: request.audio && tone === undefined ? [NO_SOUND] : [],
    // A test card ends only when it is closed.
    ended: new Promise(() => {}),
    onNote: () => {},
    close: () => {
      stop();
      track.stop();
      tone?.close();
    },
  };
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

function canvases(request: TestCardRequest) {
  const painter = contextOf(request);
  const still = contextOf(request);
  paintBackground(still, `Millrace ${request.width}×${request.height} ${request.fps} fps`);
  return { painter, background: still.canvas };
}

function contextOf({ width, height }: TestCardRequest): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const painter = canvas.getContext("2d", { alpha: false });
  if (painter === null) throw new Error("this browser paints no canvas");
  return painter;
}

/** Each painted picture is handed over once, when it is done; browsers that cannot do that look at the canvas themselves. */
function captureByHand(canvas: HTMLCanvasElement, fps: number): { track: MediaStreamTrack; send: () => void } {
  const byHand = firstTrack(canvas.captureStream(0));
  if (byHand instanceof CanvasCaptureMediaStreamTrack) return { track: byHand, send: () => byHand.requestFrame() };
  byHand.stop();
  return { track: firstTrack(canvas.captureStream(fps)), send: () => {} };
}

function firstTrack(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw new Error("this browser captures no canvas");
  return track;
}
