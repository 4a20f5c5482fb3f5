import { type AudioMedia, formatMediaPlaylist, formatMultivariantPlaylist, type Variant } from "../media/m3u8.ts";
import { factsOf } from "./facts.ts";
import type { Presentation } from "./presentation.ts";
import type { Track } from "./track.ts";

/** Which segments a playlist or manifest lists: those of the window, or all of a finished recording. */
export type Extent = "window" | "all";

/** File names below a track's folder; the same live and in a recording. */
export const initName = (run: number) => `${run}/init.mp4`;
export const segmentName = (run: number, number: number | string) => `${run}/${number}.m4s`;
/** A track's media playlist, in its folder. */
export const PLAYLIST_NAME = "playlist.m3u8";

/** The media playlist of one track (RFC 8216bis). Addresses are relative to the track's folder. */
export function mediaPlaylist(presentation: Presentation, track: Track, extent: Extent): string {
  const timescale = track.init?.info.timescale ?? 1;
  const rows = extent === "all" ? track.window.rows : track.window.listed;
  return formatMediaPlaylist({
    targetSeconds: presentation.targetSeconds,
    firstNumber: rows[0]?.number ?? 0,
    ended: presentation.ended,
    ...(extent === "all" ? { type: "VOD" } : {}),
    segments: rows.map((row) => ({
      uri: segmentName(row.run, row.number),
      mapUri: initName(row.run),
      seconds: row.duration / timescale,
      discontinuities: row.boundary.discontinuities,
      wallMs: row.boundary.wallMs + (row.start / timescale - row.boundary.time) * 1000,
      gap: row.gap,
    })),
  });
}

/** The multivariant playlist. `folder` leads from it to the tracks' folders: "" or "BROADCAST/". */
export function multivariantPlaylist(presentation: Presentation, folder: string): string {
  const known = presentation.tracks.flatMap((track) => {
    const facts = factsOf(track);
    return facts === undefined ? [] : [{ track, facts, uri: `${folder}${track.name}/${PLAYLIST_NAME}` }];
  });
  const pictures = known.filter(({ track }) => track.kind === "video");
  const sounds = known.filter(({ track }) => track.kind === "audio");
  const sound = pictures.length > 0 ? sounds[0] : undefined;
  const variants: Variant[] = (pictures.length > 0 ? pictures : sounds).map(({ facts, uri }) => ({
    uri,
    bandwidth: facts.bandwidth + (sound?.facts.bandwidth ?? 0),
    averageBandwidth: facts.averageBandwidth + (sound?.facts.averageBandwidth ?? 0),
    codecs: [facts.codecs, ...(sound === undefined ? [] : [sound.facts.codecs])],
    size: facts.size,
    frameRate: facts.frameRate,
  }));
  const audio: AudioMedia[] =
    sound === undefined ? [] : [{ uri: sound.uri, name: "Sound", channels: sound.facts.channels }];
  return formatMultivariantPlaylist(variants, audio);
}
