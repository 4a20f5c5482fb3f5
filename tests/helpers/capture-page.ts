import type { Page } from "playwright-core";
import type { ChromiumSession } from "../../scripts/example/chromium-session.ts";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";

const LIMIT_MS = 30_000;
/** Small pictures: two cores encode, decode and test at once. */
const SMALL = "width=320&height=180&fps=20";

/** A capture page that notes every byte its recorders make, beside sending them. */
export class CapturePage {
  readonly page: Page;
  readonly #failures: string[] = [];

  /** Opens it and waits until it is live. `padding`: bytes added to every piece of the recording, which is MP4 then. */
  static async live(
    { context }: ChromiumSession,
    url: string,
    { channel, query = "source=testcard", padding = 0 }: { channel: string; query?: string; padding?: number },
  ): Promise<CapturePage> {
    const page = await context.newPage();
    const capture = new CapturePage(page);
    await page.addInitScript(noteRecordings, padding);
    await page.goto(`${url}/capture?channel=${channel}&autostart=1&${SMALL}&${query}`);
    await capture.reach("live");
    return capture;
  }

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.#failures.push(error.message));
  }

  /** Waits until `#status` is in a state. */
  reach(state: string): Promise<void> {
    return reachState(this.page, state, LIMIT_MS);
  }

  /** Waits until an element's text matches; answers with the text. */
  says(selector: string, words: RegExp): Promise<string> {
    return until({ what: `for ${selector} to say ${words}`, limitMs: LIMIT_MS, everyMs: 50 }, async () => {
      const text = await this.page.innerText(selector);
      return words.test(text) ? text : undefined;
    });
  }

  /** Waits until something is acknowledged, and nothing is kept for longer than that takes. */
  async caughtUp(): Promise<void> {
    await this.says("#sent", /^[1-9]/);
    await this.says("#queued", /^0\.[0-9] s/);
  }

  /** Presses Stop, waits for the end, and answers with what was recorded. */
  async stop(): Promise<Recorded> {
    await this.page.click("#stop");
    await this.reach("ended");
    const recorded = await this.page.evaluate(digestRecordings);
    await this.page.close();
    if (this.#failures.length > 0) throw new Error(`the page failed: ${this.#failures.join("; ")}`);
    return recorded;
  }
}

/** Bytes by their number and their SHA-256 in hex. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

/** All that the page's recorders made, one after the other, and what each of them made. */
export interface Recorded extends Digest {
  readonly containers: readonly Digest[];
}

/** Runs in the page before its own scripts. */
function noteRecordings(padding: number): void {
  const recordings: Blob[][] = [];
  Reflect.set(globalThis, "recordings", recordings);
  // MP4 comes in whole boxes, between which a free one may stand (ISO/IEC 14496-12 §8.1.2); other formats do not.
  const filling = new Uint8Array(padding);
  if (padding > 0) {
    const head = new DataView(filling.buffer);
    head.setUint32(0, padding);
    head.setUint32(4, 0x66726565);
    const supports = MediaRecorder.isTypeSupported.bind(MediaRecorder);
    MediaRecorder.isTypeSupported = (type) => type.startsWith("video/mp4") && supports(type);
  }
  const OwnRecorder = globalThis.MediaRecorder;
  globalThis.MediaRecorder = class extends OwnRecorder {
    readonly #pieces: Blob[] = [];

    constructor(stream: MediaStream, options?: MediaRecorderOptions) {
      super(stream, options);
      recordings.push(this.#pieces);
    }

    override addEventListener(type: string, listener: unknown, options?: unknown): void {
      const hear = (event: BlobEvent) => {
        // A header is small, and has to come before anything large.
        const data = event.data.size < 2_000 ? event.data : new Blob([event.data, filling]);
        this.#pieces.push(data);
        (listener as (event: { data: Blob }) => void)({ data });
      };
      const heard = type === "dataavailable" ? hear : listener;
      super.addEventListener(type, heard as EventListener, options as AddEventListenerOptions);
    }
  };
}

async function digestRecordings(): Promise<Recorded> {
  const recorders = Reflect.get(globalThis, "recordings") as Blob[][];
  const digest = async (pieces: Blob[]): Promise<Digest> => {
    const content = await new Blob(pieces).arrayBuffer();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { bytes: content.byteLength, sha256 };
  };
  return { ...(await digest(recorders.flat())), containers: await Promise.all(recorders.map(digest)) };
}
