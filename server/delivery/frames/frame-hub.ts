import type { FrameStats } from "../../protocol/api.ts";
import { LIVE_CLOSE } from "../../protocol/live.ts";
import type { FrameViewer } from "./frame-viewer.ts";

/** Where the images of one broadcast are shown. */
export interface FrameFeed {
  /** One image as it came; it is sent to many and must not change any more. */
  show(image: Uint8Array): void;
  /** There will be no more. */
  end(): void;
}

/** A broadcast whose images are shown. */
interface Show {
  readonly broadcast: string;
  readonly viewers: Set<FrameViewer>;
  newest: Uint8Array | undefined;
}

/** All viewers of images, by channel. */
export class FrameHub implements Disposable {
  readonly #channels = new Map<string, Show>();
  /** Those who wait for a channel that is not live. */
  readonly #waiting = new Map<FrameViewer, string>();
  #size = 0;

  /** How many viewers there are. */
  get size(): number {
    return this.#size;
  }

  /** What the viewers of a channel get. */
  statsOf(channel: string): FrameStats {
    const viewers = [...(this.#channels.get(channel)?.viewers ?? [])];
    return {
      viewers: viewers.length,
      sent: viewers.reduce((sum, { counts }) => sum + counts.sent, 0),
      skipped: viewers.reduce((sum, { counts }) => sum + counts.skipped, 0),
    };
  }

  /** The images of a broadcast, from now on; takes the channel over from one that has not ended yet. */
  open(channel: string, broadcast: string): FrameFeed {
    const show: Show = { broadcast, viewers: new Set(), newest: undefined };
    this.#end(channel, this.#channels.get(channel));
    this.#channels.set(channel, show);
    for (const [viewer, wanted] of this.#waiting) if (wanted === channel) this.#seat(viewer, show);
    return {
      show(image) {
        show.newest = image;
        for (const viewer of show.viewers) viewer.offer(image);
      },
      end: () => this.#end(channel, show),
    };
  }

  /** Lets a viewer in: it gets the newest image at once, or is told why there is none. */
  enter(viewer: FrameViewer, channel: string): void {
    const show = this.#channels.get(channel);
    this.#size++;
    if (show !== undefined) return this.#seat(viewer, show);
    if (!viewer.waits) return viewer.close(LIVE_CLOSE.notLive, `the channel ${channel} has no image frames now`);
    this.#waiting.set(viewer, channel);
    viewer.tell({ type: "waiting", reason: "offline" });
  }

  /** The viewer's socket has closed. */
  leave(viewer: FrameViewer, channel: string): void {
    this.#size--;
    this.#waiting.delete(viewer);
    this.#channels.get(channel)?.viewers.delete(viewer);
  }

  [Symbol.dispose](): void {
    this.#channels.clear();
    this.#waiting.clear();
  }

  #seat(viewer: FrameViewer, show: Show): void {
    this.#waiting.delete(viewer);
    show.viewers.add(viewer);
    if (show.newest !== undefined) viewer.offer(show.newest);
  }

  #end(channel: string, show: Show | undefined): void {
    if (show === undefined || this.#channels.get(channel) !== show) return;
    this.#channels.delete(channel);
    for (const viewer of show.viewers) {
      viewer.tell({ type: "ended", broadcast: show.broadcast });
      if (viewer.waits) this.#waiting.set(viewer, channel);
      else viewer.close(LIVE_CLOSE.ended, "the broadcast is over");
    }
    show.viewers.clear();
  }
}
