import type { Broadcast } from "../broadcast/broadcast.ts";
import { Lagged } from "../broadcast/log/broadcast-log.ts";
import type { FrameFeed, FrameHub } from "../delivery/frames/frame-hub.ts";
import { LENGTH_BYTES, MAX_ANNOUNCED_BYTES, PrefixedReader } from "../media/length-prefixed.ts";

/** Shows a broadcast's images to those who want them as they came, until it ends; for a broadcast of images only. */
export async function showFrames(broadcast: Broadcast, hub: FrameHub): Promise<void> {
  const { signal } = new AbortController();
  while (broadcast.epochs.length === 0 && !broadcast.log.ended) await broadcast.changed.wait(signal);
  if (broadcast.epochs[0]?.kind !== "frames") return;
  const feed = hub.open(broadcast.channel, broadcast.id);
  try {
    for (let from = 0; ; from = broadcast.epochs.at(-1)?.newestResync?.offset ?? broadcast.log.length) {
      const isDone = await follow(broadcast, from, feed).then(
        () => true,
        (error: unknown) => {
          // Without recording old bytes are deleted: those who want live pictures go on at the newest.
          if (error instanceof Lagged) return false;
          throw error;
        },
      );
      if (isDone) return;
    }
  } finally {
    feed.end();
  }
}

async function follow({ log }: Broadcast, from: number, feed: FrameFeed): Promise<void> {
  const reader = new PrefixedReader(MAX_ANNOUNCED_BYTES);
  for await (const bytes of log.follow({ from, signal: new AbortController().signal })) {
    for (const found of reader.push(bytes)) {
      if (found.type === "message") feed.show(found.bytes.subarray(LENGTH_BYTES));
    }
  }
}
