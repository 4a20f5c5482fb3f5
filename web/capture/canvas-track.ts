/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A canvas to paint on. Throws where the browser has none. */
export function painterOf({ width, height }: Size): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const painter = canvas.getContext("2d", { alpha: false });
  if (painter === null) throw new Error("this browser paints no canvas");
  return painter;
}

/** A canvas as a video track. */
export interface CanvasTrack {
  readonly track: MediaStreamTrack;
  /** Hands over the picture as it is now. */
  send(): void;
}

/** Each painted picture is handed over once, when it is done; browsers that cannot do that look at the canvas themselves. */
export function captureByHand(canvas: HTMLCanvasElement, fps: number): CanvasTrack {
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
