import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { SegmentFiles } from "../../../server/packaging/segment-files.ts";
import { decoded, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";
import { present, presentWith } from "../../helpers/presentation.ts";
import { initOf, segmentOf } from "../../helpers/segments.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const picture = makePicture({ seconds: 5 });
const sound = makeSound({ seconds: 5 });

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).toSorted();
}

/** Keeps picture and sound in `folder`. */
async function keep(folder: string, problems: string[] = []): Promise<void> {
  const files = new SegmentFiles(folder, (problem) => problems.push(problem));
  const presentation = presentWith(
    { video0: [picture, picture.chunks], audio0: [sound, sound.chunks] },
    { keeper: files },
  );
  presentation.finish();
  await files.finish(presentation);
  await files.forgetJournal();
}

test("the folder has every segment under the name that the playlists use, and nothing half written", async () => {
  await using folder = await tempFolder();
  await keep(folder.path);
  const media = (track: string) =>
    ["0/0.m4s", "0/1.m4s", "0/2.m4s", "0/init.mp4", "playlist.m3u8"].map((name) => `${track}/${name}`);
  expect(await filesBelow(folder.path)).toEqual([
    ...media("audio0"),
    "manifest.mpd",
    "master.m3u8",
    ...media("video0"),
  ]);
});

test("the files of a track, one after the other, are the track, frame for frame", async () => {
  await using folder = await tempFolder();
  await keep(folder.path);
  for (const [name, track] of [["video0", picture] as const, ["audio0", sound] as const]) {
    const parts = ["init.mp4", "0.m4s", "1.m4s", "2.m4s"].map((file) => readFile(join(folder.path, name, "0", file)));
    const { frames, errors } = decoded(Buffer.concat(await Promise.all(parts)));
    expect(errors).toBe("");
    expect(frames).toEqual(decoded(track.bytes).frames);
  }
});

test("FFmpeg plays the folder by its playlist and by its manifest", async () => {
  await using folder = await tempFolder();
  await keep(folder.path);
  for (const name of ["master.m3u8", "manifest.mpd"]) {
    const input = ["-allowed_extensions", "ALL"].slice(0, name.endsWith("m3u8") ? 2 : 0);
    const crc = ffmpeg([...input, "-i", join(folder.path, name), "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"]);
    const packets = crc
      .toString()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(packets).toHaveLength(150);
  }
});

test("after a failure no more is written, and it is told once and at the end", async () => {
  await using folder = await tempFolder();
  // A file where a folder has to be.
  await writeFile(join(folder.path, "video0"), "in the way");
  const problems: string[] = [];
  await expect(keep(folder.path, problems)).rejects.toMatchObject({ code: "no_room" });
  expect(problems).toEqual([
    expect.stringMatching(/^The tracks are not kept for replay any more .*ENOTDIR.*will be made from the archive\.$/),
  ]);
  expect(await filesBelow(folder.path)).not.toContain("master.m3u8");
});

test("a disk that is further behind than 64 MiB is told of, and memory stays bounded", async () => {
  await using folder = await tempFolder();
  const problems: string[] = [];
  const files = new SegmentFiles(folder.path, (problem) => problems.push(problem));
  files.init("video0", initOf(0));
  const bytes = new Uint8Array(30 * 1024 * 1024);
  // All at once: not even a quick disk has written anything meanwhile.
  for (let number = 0; number < 4; number++) files.segment("video0", { ...segmentOf(number), bytes });
  expect(problems).toEqual([expect.stringContaining("(the disk is too slow); they will be made from the archive")]);
  await expect(files.finish(present())).rejects.toMatchObject({ code: "no_room", message: "the disk is too slow" });
  expect(await filesBelow(folder.path)).not.toContain("video0/0/3.m4s");
});

test("a broadcast of which nothing could be made leaves no playlists", async () => {
  await using folder = await tempFolder();
  const files = new SegmentFiles(folder.path, () => {});
  const presentation = present();
  presentation.finish();
  await files.finish(presentation);
  await files.forgetJournal();
  expect(await filesBelow(folder.path)).toEqual([]);
});
