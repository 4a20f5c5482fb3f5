import { describe, expect, test } from "@jest/globals";
import { buildCommand, type RunRequest } from "../../../server/transcode/command.ts";
import { ENCODERS } from "../../../server/transcode/encoders.ts";
import type { EncodePlan, TrackPlan } from "../../../server/transcode/plan.ts";
import { ffmpeg } from "../../helpers/media-ffmpeg.ts";

const copied: TrackPlan = { name: "video0", kind: "video", copy: true };
const encoded: TrackPlan = { name: "video0", kind: "video", copy: false, kbps: 2000 };
const small: TrackPlan = { ...encoded, name: "video1", size: { width: 640, height: 360 }, fps: 15, kbps: 400 };
const sound: TrackPlan = { name: "audio0", kind: "audio", copy: false, kbps: 128 };

const grid = (...tracks: TrackPlan[]): EncodePlan => ({ tracks, keys: "grid", dropped: [] });
const source = (...tracks: TrackPlan[]): EncodePlan => ({ tracks, keys: "source", dropped: [] });

function build(plan: EncodePlan, rest: Partial<RunRequest> = {}) {
  return buildCommand({
    plan,
    container: "webm",
    encoder: "libx264",
    segmentSeconds: 2,
    offsetSeconds: 4,
    urlOf: (track) => `http://127.0.0.1:1/secret/${track}`,
    firstPicture: 0.1,
    resumeAt: () => undefined,
    ...rest,
  });
}

/** The options of one output as `option value`, so that a pair can be looked for. */
function pairs(options: readonly string[]): string[] {
  return options.map((option, index) => `${option} ${options[index + 1] ?? ""}`.trim());
}

function optionsOf(plan: EncodePlan, track: number, rest: Partial<RunRequest> = {}): string[] {
  return pairs(build(plan, rest).outputs[track]?.options ?? []);
}

/** The value after an option. */
function optionValue(plan: EncodePlan, option: string, rest: Partial<RunRequest> = {}, track = 0): string {
  const options = build(plan, rest).outputs[track]?.options ?? [];
  return options[options.indexOf(option) + 1] ?? "";
}

describe("the input", () => {
  test.each([
    { container: "webm", format: "matroska" },
    { container: "matroska", format: "matroska" },
    { container: "mp4", format: "mp4" },
  ] as const)("of $container is read as $format and nothing else, and nothing that it names is opened", (input) => {
    const { inputOptions } = build(grid(encoded), { container: input.container });
    expect(pairs(inputOptions)).toEqual(expect.arrayContaining([`-f ${input.format}`, "-protocol_whitelist pipe"]));
    expect(inputOptions).toContain("-copyts");
  });
});

describe("every track", () => {
  const plan = source(copied, small, sound);

  test("goes to its own address, in the order of the plan", () => {
    expect(build(plan).outputs.map(({ url }) => url)).toEqual(
      ["video0", "video1", "audio0"].map((name) => `http://127.0.0.1:1/secret/${name}`),
    );
  });

  test.each([0, 1, 2])("number %d is a POST of CMAF in chunks of a frame, on the broadcast's clock", (track) => {
    expect(optionsOf(plan, track)).toEqual(
      expect.arrayContaining([
        "-f mp4",
        "-movflags +frag_keyframe+delay_moov+default_base_moof+cmaf+frag_discont",
        `-frag_duration ${track === 2 ? 33_000 : 25_000}`,
        "-flush_packets 1",
        "-output_ts_offset 4",
        "-method POST",
        "-map_metadata -1",
        "-map_chapters -1",
      ]),
    );
  });
});

describe("a picture that is passed through", () => {
  test("is copied, and nothing about it is encoded", () => {
    const options = optionsOf(source(copied), 0);
    expect(options).toEqual(expect.arrayContaining(["-c:v copy", "-map 0:v:0", "-video_track_timescale 90000"]));
    for (const word of ["libx264", "-vf", "-force_key_frames", "-b:v"]) {
      expect(options.filter((option) => option.startsWith(word) || option.includes(word))).toEqual([]);
    }
  });
});

describe("a picture that is encoded", () => {
  test("has its bit rate, no B-frames, no key frames of the encoder's own, and the publisher's times", () => {
    expect(optionsOf(grid(encoded), 0)).toEqual(
      expect.arrayContaining([
        "-c:v libx264",
        "-tune zerolatency",
        "-bf 0",
        "-b:v 2000k",
        "-maxrate 2000k",
        "-bufsize 4000k",
        "-g 99999",
        "-sc_threshold 0",
        "-fps_mode passthrough",
        "-enc_time_base -1",
        "-pix_fmt yuv420p",
        "-video_track_timescale 90000",
        "-bsf:v dump_extra=freq=keyframe",
      ]),
    );
  });

  test("beside a passed-through one follows that one's key frames, also at half the rate", () => {
    expect(optionValue(source(copied, small), "-force_key_frames", {}, 1)).toBe("source");
    const filters = optionValue(source(copied, small), "-vf", {}, 1);
    expect(filters).toContain(
      "select='isnan(prev_selected_t)+key+gt(floor(t*15+0.25),floor(prev_selected_t*15+0.25))'",
    );
    expect(filters).not.toContain("setpts");
  });

  test("otherwise has key frames on the grid, counted from its first frame", () => {
    expect(optionValue(grid(encoded), "-force_key_frames")).toBe(
      "expr:isnan(prev_forced_t)+gt(floor((t+4.100500)/1),floor((prev_forced_t+4.100500)/1))",
    );
    expect(optionValue(grid(encoded), "-vf")).toContain("setpts='if(eq(N,0)*lt(T,0.100000+1),0.100000/TB,PTS)'");
  });

  test("of a later container is cut on the broadcast's grid, not on the publisher's, also at a lower rate", () => {
    const later = { offsetSeconds: 5.25 };
    expect(optionValue(grid(encoded), "-force_key_frames", later)).toContain("(t+5.350500)/1");
    expect(optionValue(grid(small), "-vf", later)).toContain(
      "gt(floor((t+5.250500)/1),floor((prev_selected_t+5.250500)/1))",
    );
  });

  test("whose first picture comes late begins its grid there, not where nothing was", () => {
    expect(optionValue(grid(encoded), "-vf", { resumeAt: () => 3, firstPicture: 3.5 })).toContain("3.500000/TB");
  });

  test("that goes on in a pause of the publisher begins its grid with the picture that comes then", () => {
    const pause = { resumeAt: () => 3, pictureAfter: (time: number) => time + 2.04 };
    expect(optionValue(grid(encoded), "-vf", pause)).toContain("5.040000/TB");
    expect(optionValue(grid(encoded), "-force_key_frames", pause)).toContain("(t+9.040500)/1");
  });

  /** What comes out of a white picture of this size: its size, and which of its outermost lines are still white. */
  function white(track: TrackPlan, width: number, height: number) {
    // The source knows even sides only.
    const odd = `format=gray,crop=${width}:${height}:exact=1`;
    const input = ["-f", "lavfi", "-i", `color=white:s=${width + 2}x${height + 2}:r=1,${odd}`, "-frames:v", "1"];
    const png = ffmpeg([...input, "-vf", optionValue(grid(track), "-vf"), "-c:v", "pgm", "-f", "image2pipe", "-"]);
    const [, head = "", w = "0", h = "0"] = /^(P5\s+(\d+) (\d+)\s+255\s)/.exec(png.toString("latin1")) ?? [];
    const pixels = png.subarray(head.length);
    const isWhite = (x: number, y: number) => (pixels[y * Number(w) + x] ?? 0) > 200;
    const middle = { x: Number(w) >> 1, y: Number(h) >> 1 };
    return { size: `${w}x${h}`, left: isWhite(0, middle.y), top: isWhite(middle.x, 0) };
  }

  test.each([
    { name: "of its own shape is scaled", from: [1280, 720], left: true, top: true },
    { name: "whose shape is off by rounding is scaled, too", from: [1366, 768], left: true, top: true },
    { name: "that is upright gets bars left and right", from: [720, 1280], left: false, top: true },
    { name: "that is wider gets bars above and below", from: [1280, 400], left: true, top: false },
    { name: "that is a line gets bars", from: [1280, 16], left: true, top: false },
  ])("$name", ({ from: [width = 0, height = 0], left, top }) => {
    expect(white(small, width, height)).toEqual({ size: "640x360", left, top });
  });

  test("with an odd side gets a line more", () => {
    const odd: TrackPlan = { ...encoded, size: { width: 642, height: 362 } };
    expect(white(odd, 641, 361).size).toBe("642x362");
    expect(white(encoded, 641, 361).size).toBe("642x362");
  });

  test("of the publisher's own rate drops no frames", () => {
    expect(optionValue(grid(encoded), "-vf")).not.toContain("select");
  });

  test("goes on where it ended, and its grid hangs on that", () => {
    const resumed = { resumeAt: () => 7.533 };
    expect(optionValue(grid(encoded), "-vf", resumed)).toMatch(
      /^select='gte\(t,7\.532500\)',setpts='if\(eq\(N,0\)\*lt\(T,7\.533000\+1\),7\.533000/,
    );
    expect(optionValue(grid(encoded), "-force_key_frames", resumed)).toContain("(t+11.533500)/1");
  });
});

describe("an encoder of a graphics card", () => {
  test("has the same key frames at the same times", () => {
    for (const encoder of ENCODERS) {
      expect(optionValue(grid(encoded), "-force_key_frames", { encoder })).toBe(
        optionValue(grid(encoded), "-force_key_frames"),
      );
      expect(optionValue(source(copied, small), "-force_key_frames", { encoder }, 1)).toBe("source");
      expect(optionValue(source(copied, small), "-vf", { encoder }, 1)).toContain("key+gt(floor(t*15");
    }
  });

  test("gets its device before the input, and pictures last of all filters", () => {
    const { inputOptions } = build(grid(encoded), { encoder: "h264_vaapi" });
    expect(inputOptions.slice(0, 2)).toEqual(["-init_hw_device", "vaapi=encoder"]);
    expect(optionValue(grid(encoded), "-vf", { encoder: "h264_vaapi" })).toMatch(/,format=nv12,hwupload$/);
  });

  test("is told how many frames come per second, which libx264 need not know", () => {
    expect(pairs(build(grid(encoded)).inputOptions)).toContain("-fpsprobesize 0");
    expect(pairs(build(grid(encoded), { encoder: "h264_nvenc" }).inputOptions)).toContain("-fpsprobesize 12");
  });

  test("is not woken when everything is passed through", () => {
    const { inputOptions } = build(source(copied, sound), { encoder: "h264_vaapi" });
    expect(inputOptions).not.toContain("-init_hw_device");
    expect(pairs(inputOptions)).toContain("-fpsprobesize 0");
  });
});

describe("sound", () => {
  test("is AAC in stereo at 48 kHz, with holes filled", () => {
    expect(optionsOf(grid(sound), 0)).toEqual(
      expect.arrayContaining(["-map 0:a:0", "-c:a aac", "-b:a 128k", "-ar 48000", "-ac 2", "-af aresample=async=1000"]),
    );
  });

  test("goes on where it ended, behind what the encoder puts before it", () => {
    expect(optionValue(grid(sound), "-af", { resumeAt: () => 5 })).toBe("atrim=start=5.021333,aresample=async=1000");
  });
});
