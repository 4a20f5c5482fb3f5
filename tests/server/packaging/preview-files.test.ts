import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PreviewFiles, readPreviewTimes } from "../../../server/packaging/preview-files.ts";
import { jpegHeader } from "../../helpers/images.ts";
import { present } from "../../helpers/presentation.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

const image = (number: number, seconds: number) => ({ number, seconds, bytes: Buffer.from(`image ${number}`) });

/** Keeps previews in a folder, and what went wrong. */
function keepIn(folder: string, past: readonly number[] = []) {
  const problems: string[] = [];
  return { files: new PreviewFiles(folder, past, (problem) => problems.push(problem)), problems };
}

test("images, index and times are there as they come", async () => {
  await using folder = await tempFolder();
  const { files } = keepIn(folder.path);
  files.preview(image(0, 2));
  files.preview(image(1, 7.0204));
  await files.settle();
  expect((await readdir(join(folder.path, "previews"))).toSorted()).toEqual(["0.jpg", "1.jpg", "index.json", "times"]);
  expect(await readFile(join(folder.path, "previews/index.json"), "utf8")).toBe(
    '{"index_start":0,"count":2,"pattern":"%d.jpg"}',
  );
  expect(await readPreviewTimes(folder.path)).toEqual([2, 7.02]);
});

test("a later life of the server goes on behind what is whole, and the end leaves no times", async () => {
  await using folder = await tempFolder();
  await mkdir(join(folder.path, "previews"));
  // The third was killed between its image and its line, and something else got into the file.
  for (const number of [0, 1, 2]) await writeFile(join(folder.path, `previews/${number}.jpg`), `image ${number}`);
  await writeFile(join(folder.path, "previews/times"), "2.000\n7.000\n12.0");
  const past = await readPreviewTimes(folder.path);
  expect(past).toEqual([2, 7]);
  const { files } = keepIn(folder.path, past);
  files.preview({ ...image(2, 13), bytes: Buffer.from("image 2 again") });
  await files.settle();
  expect(await readPreviewTimes(folder.path)).toEqual([2, 7, 13]);
  const presentation = present();
  presentation.finish();
  await files.finish(presentation);
  expect((await readdir(join(folder.path, "previews"))).toSorted()).toEqual(["0.jpg", "1.jpg", "2.jpg", "index.json"]);
  expect(await readFile(join(folder.path, "previews/2.jpg"), "utf8")).toBe("image 2 again");
  expect(await readFile(join(folder.path, "preview.jpg"), "utf8")).toBe("image 1");
});

test("what there is can be told once it is on the disk", async () => {
  await using folder = await tempFolder();
  const { files } = keepIn(folder.path);
  expect(await files.described()).toBeUndefined();
  const [small, large] = [jpegHeader(320, 180), Buffer.concat([jpegHeader(320, 180), Buffer.alloc(500)])];
  files.preview({ ...image(0, 2), bytes: small });
  files.preview({ ...image(1, 7), bytes: large });
  const size = { width: 320, height: 180, largestBytes: large.byteLength };
  expect(await files.described()).toEqual({ times: [2, 7], ...size });
  await rm(join(folder.path, "previews/1.jpg"));
  expect(await files.described()).toBeUndefined();
});

test("a folder without any has no times, nor has one whose images are gone", async () => {
  await using folder = await tempFolder();
  expect(await readPreviewTimes(folder.path)).toEqual([]);
  await mkdir(join(folder.path, "previews"));
  await writeFile(join(folder.path, "previews/times"), "2.000\n");
  expect(await readPreviewTimes(folder.path)).toEqual([]);
});

test("what cannot be written is said once, ends the previews and rejects nothing", async () => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, "previews"), "a file where the folder should be");
  const { files, problems } = keepIn(folder.path);
  for (const number of [0, 1, 2]) files.preview(image(number, number));
  await files.finish(present());
  expect(problems).toEqual([expect.stringMatching(/^No more preview images are kept \(.+\)\.$/)]);
});
