import { CaptureFailure } from "./failures.ts";
import type { RecordingFormat } from "./formats.ts";

/** The shortest pieces worth asking for: Chromium hands one out every 60 ms at best. */
const TIMESLICE_MS = 50;
/** A viewer can join, and a segment can start, only at a key frame. */
const KEY_FRAME_MS = 1000;
const AUDIO_BITS_PER_SECOND = 128_000;

/** The newest options, which the compiler's library does not know yet. Never set the interval's count as well. */
interface RecorderOptions extends MediaRecorderOptions {
  readonly videoKeyFrameIntervalDuration?: number;
}

/** What a recording is made from, and who gets its bytes. */
export interface RecorderRequest {
  readonly stream: MediaStream;
  readonly format: RecordingFormat;
  readonly kbps: number;
  readonly onData: (data: Blob) => void;
}

/** A running recorder. */
export interface Recorder {
  /** What the recorder says it makes. */
  readonly mimeType: string;
  /** Resolves with words when it ends though nobody stopped it. Never rejects. */
  readonly failed: Promise<string>;
  /** Resolves after the last data was handed to `onData`. */
  stop(): Promise<void>;
}

/** Starts recording; throws a `CaptureFailure` in words when the browser cannot. */
export function startRecorder(request: RecorderRequest): Recorder {
  try {
    return new StreamRecorder(request);
  } catch (error) {
    const name = error instanceof DOMException ? error.name : String(error);
    throw new CaptureFailure(`This browser could not start to record ${request.format.label} (${name}).`);
  }
}

class StreamRecorder implements Recorder {
  readonly failed: Promise<string>;
  readonly #recorder: MediaRecorder;
  readonly #stopped: Promise<void>;
  #stopping = false;

  constructor({ stream, format, kbps, onData }: RecorderRequest) {
    const options: RecorderOptions = {
      mimeType: format.mimeType,
      videoBitsPerSecond: kbps * 1000,
      audioBitsPerSecond: AUDIO_BITS_PER_SECOND,
      videoKeyFrameIntervalDuration: KEY_FRAME_MS,
    };
    const recorder = new MediaRecorder(stream, options);
    this.#recorder = recorder;
    recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size > 0) onData(data);
    });
    this.#stopped = new Promise((resolve) => {
      recorder.addEventListener("stop", () => resolve(), { once: true });
    });
    this.failed = this.#whenFailed();
    recorder.start(TIMESLICE_MS);
  }

  get mimeType(): string {
    return this.#recorder.mimeType;
  }

  stop(): Promise<void> {
    this.#stopping = true;
    if (this.#recorder.state === "inactive") return this.#stopped;
    this.#recorder.stop();
    return this.#stopped;
  }

  #whenFailed(): Promise<string> {
    return new Promise((resolve) => {
      this.#recorder.addEventListener("error", () => resolve("The browser's recorder failed. Start again."));
      this.#recorder.addEventListener("stop", () => {
        if (!this.#stopping) resolve("The recording stopped: nothing gives pictures any more.");
      });
    });
  }
}
