import { fetchText } from "./until.ts";

/** What a channel's manifest says about its video. */
export interface ManifestReport {
  readonly codecs: string;
  readonly segmentSeconds: readonly number[];
  /** Nothing will be added: ENDLIST, or a static presentation. */
  readonly isEnded: boolean;
}

/** Reads a channel's multivariant playlist and the media playlist of its first variant. */
export async function readHls(channelUrl: string): Promise<ManifestReport> {
  const masterUrl = new URL("master.m3u8", channelUrl).href;
  const master = await need(masterUrl);
  const [, attributes = "", uri = ""] = /^#EXT-X-STREAM-INF:(.*)\r?\n(\S+)/m.exec(master) ?? [];
  if (uri === "") throw new Error(`${masterUrl} lists no variant`);
  const media = await need(new URL(uri, masterUrl).href);
  return {
    codecs: /CODECS="([^"]*)"/.exec(attributes)?.[1] ?? "",
    segmentSeconds: [...media.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, seconds]) => Number(seconds)),
    isEnded: /^#EXT-X-ENDLIST/m.test(media),
  };
}

/** Reads the video of a channel's DASH manifest; every period counts. */
export async function readDash(channelUrl: string): Promise<ManifestReport> {
  const manifest = await need(new URL("manifest.mpd", channelUrl).href);
  const sets = [...manifest.matchAll(/<AdaptationSet\b[\s\S]*?<\/AdaptationSet>/g)].map(([set]) => set);
  const videos = sets.filter((set) => /contentType="video"|mimeType="video\//.test(set));
  const codecsOf = (set: string | undefined) => /codecs="([^"]*)"/.exec(set ?? "")?.[1];
  const audio = sets.find((set) => !videos.includes(set));
  return {
    codecs: [codecsOf(videos[0]), codecsOf(audio)].filter((codecs) => codecs !== undefined).join(","),
    segmentSeconds: videos.flatMap(segmentSeconds),
    isEnded: /<MPD\b[^>]*\btype="static"/.test(manifest),
  };
}

/**
 * ISO/IEC 23009-1 §5.3.9: `S` is one segment of `d` units, and `r` more like it. Segments that are numbered have one
 * `duration` in common, and how many there are is not told.
 */
function segmentSeconds(adaptationSet: string): number[] {
  // The first representation stands for all: they are cut at the same times.
  const [timeline] = /<SegmentTimeline>[\s\S]*?<\/SegmentTimeline>/.exec(adaptationSet) ?? [];
  const timescale = Number(/\btimescale="(\d+)"/.exec(adaptationSet)?.[1] ?? 1);
  const common = /<SegmentTemplate\b[^>]*\bduration="(\d+)"/.exec(adaptationSet)?.[1];
  if (timeline === undefined) return common === undefined ? [] : [Number(common) / timescale];
  return [...timeline.matchAll(/<S\b[^>]*>/g)].flatMap(([segment]) => {
    const duration = Number(/\bd="(\d+)"/.exec(segment)?.[1]);
    const repeats = Number(/\br="(\d+)"/.exec(segment)?.[1] ?? 0);
    return Array<number>(repeats + 1).fill(duration / timescale);
  });
}

async function need(url: string): Promise<string> {
  const text = await fetchText(url);
  if (text === undefined) throw new Error(`${url} is not there`);
  return text;
}
