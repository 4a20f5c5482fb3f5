import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startChromium } from "../example/chromium-session.ts";
import { startServer } from "../example/server-process.ts";
import { fetchText, until } from "../example/until.ts";
import { type Benchmark, median, numberOption, type Row, round } from "./report.ts";

/** A real MediaRecorder for minutes: do segments keep to the grid, and picture and sound to each other? */
export const drift: Benchmark = {
  name: "drift",
  about: "segment lengths and starts of a real MediaRecorder's H.264, passed through (--minutes 10)",
  run: async (args) => {
    const minutes = numberOption(args, "minutes", 10);
    const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    const server = await startServer({ MILLRACE_PORT: "0", MILLRACE_DATA_DIR: dataDir, MILLRACE_LADDER: "ORIGINAL" });
    try {
      await using chromium = await startChromium();
      const page = await chromium.context.newPage();
      await page.goto(`${server.url}/capture?channel=drift&source=camera&width=640&height=360&autostart=1`);
      await until({ what: "for the manifest", limitMs: 20_000 }, () =>
        fetchText(`${server.url}/live/drift/manifest.mpd`),
      );
      // Half a segment more than asked for, so that the last one is complete.
      await sleep(minutes * 60_000 + 5_000);
      await page.click("#stop");
      const ended = await until({ what: "for the end", limitMs: 20_000 }, () => endedRecording(server.url));
      return [await measure(`${server.url}/recordings/${ended}`, minutes)];
    } finally {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function endedRecording(url: string): Promise<string | undefined> {
  const text = await fetchText(`${url}/api/v1/recordings`);
  return /"id":"([^"]+)"[^}]*"state":"finished"/.exec(text ?? "")?.[1];
}

async function measure(recording: string, minutes: number): Promise<Row> {
  const video = await durations(`${recording}/video0/playlist.m3u8`);
  const audio = await durations(`${recording}/audio0/playlist.m3u8`);
  const whole = video.slice(0, -1);
  const starts = (lengths: readonly number[]) => {
    let start = 0;
    return lengths.map((length) => {
      start += length;
      return start - length;
    });
  };
  const audioStarts = starts(audio);
  const offsets = starts(video).map((start, index) => Math.abs(start - (audioStarts[index] ?? start)));
  const wanted = minutes * 30;
  return {
    what: `${minutes} min of MediaRecorder H.264`,
    segments: video.length,
    "shortest, s": round(Math.min(...whole), 3),
    "median, s": round(median(whole), 3),
    "longest, s": round(Math.max(...whole), 3),
    [`start of segment ${wanted}, s`]: round(starts(video)[wanted] ?? Number.NaN, 2),
    "sound starts off picture, at most, ms": round(Math.max(...offsets) * 1000, 0),
  };
}

async function durations(url: string): Promise<number[]> {
  const text = (await fetchText(url)) ?? "";
  return [...text.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds));
}
