import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { descendantsOf, survivors } from "../../scripts/example/processes.ts";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { readyOn, startMillrace } from "../helpers/millrace.ts";
import { fetchText } from "../helpers/playlists.ts";
import { tempFolder } from "../helpers/temp-folder.ts";

const clip = clips["H.264 and Opus in Matroska"](3);

test("a server that is killed leaves no FFmpeg that reads a file, and its next start plays what was named", async () => {
  await using media = await tempFolder();
  await writeFile(join(media.path, "film.mkv"), clip);
  await using millrace = await startMillrace({ MILLRACE_SOURCES_DIR: media.path });
  const named = await fetch(`${millrace.url}/api/v1/sources/film`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ file: "film.mkv", record: true }),
  });
  expect(named.status).toBe(200);
  await readyOn(millrace.url, "film");
  const children = descendantsOf(millrace.process.pid);
  // One reads, one encodes.
  expect(children.filter(({ name }) => name === "ffmpeg")).toHaveLength(2);
  await millrace.kill();
  await until({ what: "for FFmpeg to be gone", limitMs: 30_000 }, () => survivors(children).length === 0 || undefined);

  await using next = await millrace.again();
  await readyOn(next.url, "film");
  expect(await fetchText(`${next.url}/live/film/master.m3u8`)).toContain("#EXT-X-STREAM-INF");
});
