/** One picture of a recording and the stretch that it stands for, in seconds. */
export interface Thumbnail {
  readonly start: number;
  readonly end: number;
  /** Absolute. */
  readonly url: string;
}

const CUE = /^(?:(\d+):)?(\d{2}):(\d{2}\.\d{3}) --> (?:(\d+):)?(\d{2}):(\d{2}\.\d{3})/;

/** Reads a WebVTT track whose cues are addresses of images (docs/recordings.md); what is none of it is left out. */
export function parseThumbnails(track: string, address: string): Thumbnail[] {
  const lines = track.split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const [isCue, ...times] = CUE.exec(line) ?? [];
    const name = lines[index + 1]?.trim() ?? "";
    if (isCue === undefined || name === "") return [];
    return [{ start: seconds(times.slice(0, 3)), end: seconds(times.slice(3)), url: new URL(name, address).href }];
  });
}

/** The picture for a place in the recording: the last one that begins before it. They are in order. */
export function thumbnailAt(thumbnails: readonly Thumbnail[], time: number): Thumbnail | undefined {
  let [low, high] = [0, thumbnails.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((thumbnails[middle]?.start ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return thumbnails[Math.max(0, low - 1)];
}

/** The pictures of a recording; none when it has none, which is no fault. */
export async function loadThumbnails(address: string, signal: AbortSignal): Promise<readonly Thumbnail[]> {
  try {
    const response = await fetch(address, { signal });
    return response.ok ? parseThumbnails(await response.text(), response.url) : [];
  } catch {
    return [];
  }
}

function seconds([hours = "0", minutes = "0", rest = "0"]: readonly (string | undefined)[]): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}
