import { expect, test } from "@jest/globals";
import { thumbnailTrack } from "../../../server/packaging/thumbnails.ts";
import { beginTrack, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present, run } from "../../helpers/presentation.ts";

/** A recording of 4 s from 2 s on, and after a break of many seconds 4 s more from 100 s on. */
function broken() {
  const presentation = present({ tracks: ["video"] });
  const [first, second] = [makePicture({ seconds: 4 }), makePicture({ seconds: 4, from: 100 })];
  beginTrack(presentation, "video0", first);
  feed(presentation, { video0: [first, first.chunks] });
  presentation.startRun(run({ tracks: ["video"], anchor: { seconds: 100, wallMs: 1_700_000_098_000 } }));
  beginTrack(presentation, "video0", second);
  feed(presentation, { video0: [second, second.chunks] });
  presentation.finish();
  return presentation;
}

test("cues lie where a player shows their images: it knows nothing of a break in which nothing was published", () => {
  expect(thumbnailTrack(broken(), [2.01, 4, 100.02, 102])).toBe(
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
  const track = thumbnailTrack(broken(), [2, 50, 60, 100, 200]);
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
