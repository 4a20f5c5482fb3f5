import { describe, expect, test } from "@jest/globals";
import { createScanner } from "../../../server/media/container.ts";
import { pictureFacts, shownSize } from "../../../server/media/picture-facts.ts";
import { ffmpeg, makeMedia } from "../../helpers/media-ffmpeg.ts";

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const CONTAINERS = [
  { family: "ebml", output: ["-f", "matroska", "-live", "1"] },
  { family: "mp4", output: ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov"] },
  { family: "flv", output: ["-f", "flv"] },
] as const;

/** What a scanner tells of the picture in what FFmpeg makes. */
function factsOf({ family, output }: (typeof CONTAINERS)[number], ...video: readonly string[]) {
  const bytes = makeMedia({ seconds: 1, video: [...H264, ...video], output });
  const init = createScanner(family)
    .push(bytes)
    .find(({ type }) => type === "init");
  if (init?.type !== "init") throw new Error("there is no init");
  const { pixelAspect, rotation, interlaced, uncommon } = init.tracks[0] ?? {};
  return { pixelAspect, rotation, interlaced, uncommon };
}

const PLAIN = { pixelAspect: undefined, rotation: undefined, interlaced: undefined, uncommon: undefined };

describe.each(CONTAINERS)("in $family", (container) => {
  test("a plain picture has nothing to tell of", () => {
    expect(factsOf(container)).toEqual(PLAIN);
  });

  test("the shape of pixels, fields, and what browsers do not decode are told", () => {
    const narrow = factsOf(container, "-vf", "setsar=4/3", "-pix_fmt", "yuv422p");
    expect(narrow).toEqual({ ...PLAIN, pixelAspect: expect.closeTo(4 / 3, 2), uncommon: true });
    const fields = factsOf(container, "-vf", "crop=160:80", "-flags", "+ildct", "-x264-params", "interlaced=1");
    expect(fields).toEqual({ ...PLAIN, interlaced: true });
  });
});

test("MP4 tells how far the picture has to be turned", () => {
  const upright = makeMedia({ seconds: 1, video: H264, output: ["-f", "matroska"] });
  const copy = ["-f", "matroska", "-i", "pipe:0", "-c", "copy", "-metadata:s:v", "rotate=90"];
  const [init] = createScanner("mp4").push(ffmpeg([...copy, ...CONTAINERS[1].output, "pipe:1"], upright));
  expect(init).toMatchObject({ type: "init", tracks: [{ rotation: expect.any(Number) }] });
});

test("pixels of an impossible shape are taken for square", () => {
  for (const pixelAspect of [0, Number.NaN, 1000, 0.001]) expect(pictureFacts({ pixelAspect }, undefined)).toEqual({});
});

test.each([
  { of: {}, size: { width: 720, height: 576 } },
  { of: { pixelAspect: 64 / 45 }, size: { width: 1024, height: 576 } },
  { of: { rotation: 90 as const }, size: { width: 576, height: 720 } },
  { of: { rotation: 180 as const, pixelAspect: 0.5 }, size: { width: 360, height: 576 } },
])("720x576 with $of is shown as $size.width x $size.height", ({ of, size }) => {
  expect(shownSize({ width: 720, height: 576, ...of })).toEqual(size);
});
