import { expect, test } from "@jest/globals";
import { thumbnailTrack } from "../../../server/packaging/thumbnails.ts";
import { beginTrack, feed, makeSound } from "../../helpers/cmaf.ts";
import { brokenRecording, present } from "../../helpers/presentation.ts";

test("cues lie where a player shows their images: it knows nothing of a break in which nothing was published", () => {
  expect(thumbnailTrack(brokenRecording(), [2.01, 4, 100.02, 102])).toBe(
    [
      "WEBVTT\n",
      "00:00:00.000 --> 00:00:02.000\n0.jpg\n",
      "00:00:02.000 --> 00:00:04.020\n1.jpg\n",
      "00:00:04.020 --> 00:00:06.000\n2.jpg\n",
      "00:00:06.000 --> 00:00:08.000\n3.jpg\n",
    ].join("\n"),
  );
});

test("an image of what is in no segment has no cue", () => {
  const track = thumbnailTrack(brokenRecording(), [2, 50, 60, 100, 200]);
  expect([...(track ?? "").matchAll(/^(\d)\.jpg$/gm)].map(([, number]) => number)).toEqual(["0", "3"]);
});

test("sound alone has no track of pictures", () => {
  const presentation = present({ tracks: ["audio"] });
  const sound = makeSound({ seconds: 3 });
  beginTrack(presentation, "audio0", sound);
  feed(presentation, { audio0: [sound, sound.chunks] });
  presentation.finish();
  expect(thumbnailTrack(presentation, [2])).toBeUndefined();
});
