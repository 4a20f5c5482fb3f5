import type { Analysis } from "../analysis/analysis.ts";
import type { Broadcast } from "../broadcast/broadcast.ts";
import type { Epoch } from "../broadcast/epoch.ts";
import { factsOf } from "../packaging/facts.ts";
import type { Presentation } from "../packaging/presentation.ts";
import type { LiveBroadcast, Rendition } from "../protocol/api.ts";
import type { Encoding } from "../transcode/encoding.ts";

/** Who works on a broadcast now; undefined while nobody does. */
interface Workers {
  readonly encoding: Pick<Encoding, "failure" | "dropped"> | undefined;
  readonly analysis: Pick<Analysis, "state"> | undefined;
}

/** What the API tells of a broadcast that is live. */
export function stateOf(
  broadcast: Broadcast,
  presentation: Presentation,
  { encoding, analysis }: Workers,
): LiveBroadcast {
  const epoch = broadcast.epochs.at(-1);
  return {
    id: broadcast.id,
    channel: broadcast.channel,
    startedAt: isoTime(broadcast.startedMs),
    bytes: broadcast.log.length,
    state: broadcast.interruptedMs === undefined ? "live" : "interrupted",
    interruptedSince: broadcast.interruptedMs === undefined ? null : isoTime(broadcast.interruptedMs),
    failure: encoding?.failure ?? null,
    ready: presentation.isReady,
    container: epoch?.kind ?? "unknown",
    source: epoch === undefined ? [] : sourceTracks(epoch),
    renditions: renditions(presentation),
    dropped: (encoding?.dropped ?? []).map(({ name, size }) => ({ track: name, ...size })),
    notices: broadcast.notices.map(({ atMs, text }) => ({ at: isoTime(atMs), text })),
    analysis: analysis?.state ?? null,
  };
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

function sourceTracks(epoch: Epoch): LiveBroadcast["source"] {
  return epoch.tracks.map(({ kind, codec, width, height }) => ({
    kind,
    codec,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  }));
}

function renditions(presentation: Presentation): Rendition[] {
  return presentation.tracks.flatMap((track) => {
    const facts = factsOf(track);
    if (facts === undefined) return [];
    const { codecs, size, frameRate, bandwidth } = facts;
    const rate = frameRate === undefined ? {} : { frameRate };
    return [{ track: track.name, kind: track.kind, codecs, bandwidth, ...size, ...rate }];
  });
}
