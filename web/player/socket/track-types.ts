import type { LiveTrack } from "../../../server/protocol/live.ts";
import type { Tracks } from "./link.ts";
import type { TrackKind } from "./media-sink.ts";

/** What is sent, by kind. */
export function typesOf({ tracks, video, audio }: Tracks): Map<TrackKind, string> {
  const sent = tracks.filter(({ index }) => index === video || index === audio);
  return new Map(sent.map((track) => [track.kind, mimeOf(track)]));
}

/** A track's type as a media source wants it. */
export function mimeOf({ kind, codecs }: LiveTrack): string {
  return `${kind}/mp4; codecs="${codecs}"`;
}
