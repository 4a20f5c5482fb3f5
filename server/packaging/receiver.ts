import type { OpenRun, PostListener, PostReport } from "./post-listener.ts";
import type { Presentation, RunTracks } from "./presentation.ts";

/** What an encoder is given for one run: an address for each track, and the end. */
export interface ReceivedRun {
  urlOf(track: string): string;
  end(): Promise<void>;
}

/** Brings what the encoder posts into a broadcast's presentation. */
export class Receiver {
  readonly #presentation: Presentation;
  readonly #listener: PostListener;
  readonly #report: PostReport;

  constructor(presentation: Presentation, listener: PostListener, report: PostReport) {
    this.#presentation = presentation;
    this.#listener = listener;
    this.#report = report;
  }

  get end(): number | undefined {
    return this.#presentation.end;
  }

  endOf(track: string): number | undefined {
    return this.#presentation.track(track)?.end;
  }

  openRun(run: RunTracks): ReceivedRun {
    this.#presentation.startRun(run);
    const posts: OpenRun = this.#listener.expect({
      presentation: this.#presentation,
      posts: run.tracks.length,
      report: this.#report,
    });
    return {
      urlOf: posts.urlOf,
      end: async () => {
        await posts.end();
        this.#presentation.endRun();
      },
    };
  }
}
