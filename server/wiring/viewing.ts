import type { Config } from "../config.ts";
import type { Scope } from "../core/scope.ts";
import { Admission } from "../delivery/admission.ts";
import { FrameHub } from "../delivery/frames/frame-hub.ts";
import { LiveHub } from "../delivery/socket/hub.ts";
import { ViewerBook } from "../delivery/viewers/viewer-book.ts";
import { LiveStore } from "../packaging/live-store.ts";

/** What can be watched, and everybody who does. */
export interface Viewing {
  readonly store: LiveStore;
  /** Viewers of the live socket, of single images, and of HLS and DASH. */
  readonly hub: LiveHub;
  readonly frames: FrameHub;
  readonly book: ViewerBook;
  readonly admission: Admission;
}

/**
 * Makes room for viewers, and leaves to `scope` what sends them home. `want` is told of who comes to a channel that is
 * not live; it says whether it is coming.
 */
export function openViewing(config: Config, want: (channel: string) => boolean, scope: Scope): Viewing {
  const owned = <T extends Disposable>(part: T): T => {
    scope.defer(() => part[Symbol.dispose]());
    return part;
  };
  const store = owned(new LiveStore());
  const hub = owned(new LiveHub(store, config.socket, want));
  const frames = owned(new FrameHub());
  const book = owned(new ViewerBook());
  const viewers = () => hub.size + frames.size;
  return { store, hub, frames, book, admission: owned(new Admission({ maxViewers: config.maxViewers, viewers })) };
}
