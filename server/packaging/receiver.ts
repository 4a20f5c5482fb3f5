import type { OpenRun, PostListener, PostReport } from "./post-listener.ts";
import type { Presentation, RunTracks } from "./presentation.ts";
import type { Previews } from "./previews.ts";

/** Brings what the encoder posts into a broadcast's presentation. */
export class Receiver {
  readonly #presentation: Presentation;
  readonly #listener: PostListener;
  readonly #report: PostReport;
  readonly #previews: Previews | undefined;

  constructor(presentation: Presentation, listener: PostListener, report: PostReport, previews?: Previews) {
    this.#presentation = presentation;
    this.#listener = listener;
    this.#report = report;
    this.#previews = previews;
  }

  get end(): number | undefined {
    return this.#presentation.end;
  }

  get previewDue(): number | undefined {
    return this.#previews?.due;
  }

  endOf(track: string): number | undefined {
    return this.#presentation.track(track)?.end;
  }

  openRun(run: RunTracks): OpenRun {
    this.#presentation.startRun(run);
    return this.#listener.expect({
      presentation: this.#presentation,
      posts: run.tracks.length,
      report: this.#report,
      previews: this.#previews,
    });
  }
}
