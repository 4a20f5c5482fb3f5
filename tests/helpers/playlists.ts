import { Parser as HlsParser } from "m3u8-parser";

/** One listed segment. Seconds. */
export interface ListedSegment {
  readonly seconds: number;
  readonly uri: string;
  /** Sum of the durations before it. */
  readonly start: number;
  readonly discontinuity: boolean;
}

/** A media playlist, as a parser of others reads it. */
export interface ReadPlaylist {
  readonly url: string;
  readonly targetSeconds: number;
  readonly ended: boolean;
  readonly segments: readonly ListedSegment[];
}

/** The media playlists behind a multivariant playlist, by the name of their track; those of images are left out. */
export async function readHls(masterUrl: string): Promise<Map<string, ReadPlaylist>> {
  const master = (await fetchText(masterUrl)).replaceAll(/^#EXT-X-IMAGE-STREAM-INF:.*$/gm, "");
  const uris = [...master.matchAll(/^[^#\s].*$|URI="([^"]+)"/gm)].map(([line, quoted]) => quoted ?? line);
  const playlists = await Promise.all(uris.map(async (uri) => readPlaylist(new URL(uri, masterUrl).href)));
  return new Map(playlists.map((playlist) => [playlist.url.split("/").at(-2) ?? "", playlist]));
}

/** The media playlists of a recording. */
export function readRecording(url: string, id: string): Promise<Map<string, ReadPlaylist>> {
  return readHls(`${url}/recordings/${id}/master.m3u8`);
}

/** How long all that a playlist lists is, in seconds. */
export function secondsOf({ segments }: Pick<ReadPlaylist, "segments">): number {
  return segments.reduce((sum, { seconds }) => sum + seconds, 0);
}

async function readPlaylist(url: string): Promise<ReadPlaylist> {
  const parser = new HlsParser();
  parser.push(await fetchText(url));
  parser.end();
  const { manifest } = parser;
  let start = 0;
  const segments = (manifest.segments ?? []).map(({ duration, uri, discontinuity }) => {
    const segment = { seconds: duration, uri: new URL(uri, url).href, start, discontinuity: discontinuity === true };
    start += duration;
    return segment;
  });
  return { url, targetSeconds: manifest.targetDuration ?? 0, ended: manifest.endList === true, segments };
}

/** The text at an address; throws when it is not there. */
export async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}
