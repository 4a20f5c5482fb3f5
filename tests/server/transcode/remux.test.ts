import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { findFfmpeg } from "../../../server/transcode/find-ffmpeg.ts";
import { remux, type StreamKind } from "../../../server/transcode/remux.ts";
import { clips } from "../../helpers/clips.ts";
import { makeMedia } from "../../helpers/media-ffmpeg.ts";
import { ffprobe } from "../../helpers/millrace.ts";
import { tempFolder } from "../../helpers/temp-folder.ts";

/** The codecs and the duration of what becomes of an archive. */
async function remuxed(bytes: Uint8Array, container: StreamKind): Promise<unknown> {
  await using folder = await tempFolder();
  const [from, to] = [join(folder.path, "source"), join(folder.path, "seekable.part")];
  await writeFile(from, bytes);
  const { binary } = await findFfmpeg(undefined);
  await remux(binary, { from, to, container }, new AbortController().signal);
  return ffprobe(to, ["-show_entries", "stream=codec_name:format=format_name"]);
}

test("what the container can hold is copied", async () => {
  expect(await remuxed(clips["VP8 and Opus in WebM"](1), "webm")).toMatchObject({
    streams: [{ codec_name: "vp8" }, { codec_name: "opus" }],
  });
});

test("FLAC in MP4 stays what it is", async () => {
  const output = ["-strict", "-2", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "200000"];
  const mp4 = makeMedia({ seconds: 1, audio: ["-c:a", "flac"], output });
  expect(await remuxed(mp4, "mp4")).toMatchObject({ streams: [{ codec_name: "flac" }] });
});

test("codecs of Flash, which MP4 cannot hold, are encoded", async () => {
  const video = ["-c:v", "flv1", "-g", "30"];
  const flv = makeMedia({ seconds: 1, video, audio: ["-c:a", "aac"], output: ["-f", "flv"] });
  expect(await remuxed(flv, "flv")).toMatchObject({
    streams: [{ codec_name: "h264" }, { codec_name: "aac" }],
    format: { format_name: expect.stringContaining("mp4") },
  });
});
