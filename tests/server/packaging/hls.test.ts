import { describe, expect, test } from "@jest/globals";
import { Parser } from "m3u8-parser";
import { livePlaylist, multivariantPlaylist, recordedPlaylist } from "../../../server/packaging/hls.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { beginTrack, between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { brokenPicture, present, presentWith, run, trackOf } from "../../helpers/presentation.ts";

const picture = makePicture({ seconds: 7 });
const larger = makePicture({ seconds: 3, from: 20, size: "320x180" });
const sound = makeSound({ seconds: 7 });

function playlist(presentation: Presentation, name = "video0", extent: "window" | "all" = "window"): string {
  const track = trackOf(presentation, name);
  return extent === "all" ? recordedPlaylist(presentation, track) : livePlaylist(presentation, track);
}

function parsed(text: string) {
  const parser = new Parser();
  parser.push(text);
  parser.end();
  return parser.manifest;
}

/** A picture of 7 s with segments of 2 s; live. */
function live(windowSeconds = 60): Presentation {
  const presentation = presentWith({ video0: [picture, picture.chunks] }, { tracks: ["video"], windowSeconds });
  return presentation;
}

/** The same, but after 3 s the encoder began anew with another picture. */
function broken(): Presentation {
  return brokenPicture([picture, between(picture, 2, 5)], larger, { seconds: 20, wallMs: 1_700_000_003_500 });
}

/** A playlist without what only players of low latency read. */
function plain(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^#EXT-X-(PART|SERVER-CONTROL|PRELOAD-HINT|RENDITION-REPORT)/.test(line))
    .join("\n");
}

describe("the media playlist", () => {
  test("of a live track, whole, with half a second to a part", () => {
    const presentation = presentWith(
      { video0: [picture, between(picture, 2, 5.6)] },
      { tracks: ["video"], partSeconds: 0.5 },
    );
    expect(playlist(presentation)).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.605,HOLD-BACK=6,CAN-SKIP-UNTIL=12
#EXT-X-PART-INF:PART-TARGET=0.535
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="0/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z
#EXT-X-PART:DURATION=0.50000,URI="0/part0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="0/part1.m4s"
#EXT-X-PART:DURATION=0.50000,URI="0/part2.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="0/part3.m4s"
#EXTINF:2.00000,
0/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:22.000Z
#EXT-X-PART:DURATION=0.50000,URI="0/part4.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="0/part5.m4s"
#EXT-X-PART:DURATION=0.50000,URI="0/part6.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="0/part7.m4s"
`);
  });

  test("of a restart with another init segment, whole but for the parts", () => {
    expect(plain(playlist(broken()))).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="0/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z
#EXTINF:2.00000,
0/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:22.000Z
#EXTINF:1.00000,
0/1.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:23.500Z
#EXTINF:2.00000,
1/2.m4s
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:25.500Z
`);
  });

  test("of what has ended has the rest, says so, and hints at nothing", () => {
    const presentation = live();
    presentation.finish();
    const text = playlist(presentation);
    expect(plain(text).split("\n").slice(-5)).toEqual([
      "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:26.000Z",
      "#EXTINF:1.00000,",
      "0/3.m4s",
      "#EXT-X-ENDLIST",
      "",
    ]);
    expect(text).not.toMatch(/PRELOAD-HINT|RENDITION-REPORT/);
  });

  test("of a window that has moved begins later, and counts the discontinuities that have left it", () => {
    const presentation = broken();
    presentation.finish();
    const text = playlist(presentation);
    expect(parsed(text)).toMatchObject({ mediaSequence: 0, discontinuitySequence: 0, endList: true });
    const short = presentWith({ video0: [picture, between(picture, 2, 5)] }, { tracks: ["video"], windowSeconds: 2 });
    short.startRun(run({ tracks: ["video"], anchor: { seconds: 20, wallMs: 1_700_000_003_500 } }));
    beginTrack(short, "video0", larger);
    feed(short, { video0: [larger, larger.chunks] });
    short.finish();
    const { mediaSequence, discontinuitySequence, segments } = parsed(playlist(short));
    expect([mediaSequence, discontinuitySequence]).toEqual([2, 1]);
    expect(segments?.map(({ uri, map }) => [uri, map?.uri])).toEqual([
      ["1/2.m4s", "1/init.mp4"],
      ["1/3.m4s", "1/init.mp4"],
    ]);
  });

  test("of a recording lists everything, is VOD and knows of no parts", () => {
    const presentation = live(2);
    presentation.finish();
    expect(parsed(playlist(presentation)).segments).toHaveLength(2);
    const { segments, playlistType, endList } = parsed(playlist(presentation, "video0", "all"));
    expect([segments?.length, playlistType, endList]).toEqual([4, "VOD", true]);
    const text = playlist(presentation, "video0", "all");
    expect(text).toBe(plain(text));
    expect(text).toContain("#EXT-X-VERSION:7\n");
  });

  test("lists a gap as one", () => {
    const presentation = present();
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "audio0", sound);
    const heard = [...between(sound, 0, 3.97), ...between(sound, 6, 9)];
    feed(presentation, { video0: [picture, picture.chunks], audio0: [sound, heard] });
    presentation.finish();
    const lines = playlist(presentation, "audio0").split("\n");
    expect(lines.slice(lines.indexOf("#EXT-X-GAP"), lines.indexOf("#EXT-X-GAP") + 3)).toEqual([
      "#EXT-X-GAP",
      "#EXTINF:2.00000,",
      "0/1.m4s",
    ]);
    expect(lines.filter((line) => line === "#EXT-X-GAP")).toHaveLength(1);
  });

  test("never has a duration that rounds to more than the target", () => {
    const { targetDuration, segments } = parsed(playlist(live()));
    for (const { duration } of segments ?? []) expect(Math.round(duration)).toBeLessThanOrEqual(targetDuration ?? 0);
  });
});

describe("parts", () => {
  const long = makePicture({ seconds: 16 });
  const presentation = present({ tracks: ["video", "video"] });
  for (const name of ["video0", "video1"]) {
    beginTrack(presentation, name, long);
    feed(presentation, { [name]: [long, between(long, 2, name === "video0" ? 17 : 16.8)] });
  }
  const text = playlist(presentation);

  test("are listed for the last three target durations, and not for what is before", () => {
    const before = text.slice(0, text.indexOf("#EXT-X-PART:"));
    expect(before.match(/^0\/\d+\.m4s$/gm)).toEqual([0, 1, 2, 3].map((number) => `0/${number}.m4s`));
    const { window } = trackOf(presentation, "video0");
    for (const number of [4, 5, 6]) {
      for (const part of window.segment(0, number)?.parts ?? []) expect(text).toContain(`"0/part${part.number}.m4s"`);
    }
  });

  test("fill 85 to 100 % of the part target unless they begin with a key frame or are a segment's last", () => {
    for (const [, seconds, rest, next] of text.matchAll(/#EXT-X-PART:DURATION=([\d.]+),([^\n]*)\n(#EXT-X-\w+)?/g)) {
      expect(Number(seconds)).toBeLessThanOrEqual(0.214);
      if (!rest?.includes("INDEPENDENT") && next === "#EXT-X-PART")
        expect(Number(seconds)).toBeGreaterThan(0.85 * 0.214);
    }
  });

  test("are the segment, byte for byte", () => {
    const { window } = trackOf(presentation, "video0");
    const lines = text.slice(text.indexOf("0/4.m4s"), text.indexOf("\n0/5.m4s")).matchAll(/part(\d+)\.m4s/g);
    const bytes = [...lines].map(([, number]) => window.part(0, Number(number))?.bytes ?? Buffer.alloc(0));
    expect(Buffer.concat(bytes).equals(window.segment(0, 5)?.bytes ?? Buffer.alloc(1))).toBe(true);
  });

  test("the other rendition's newest is told", () => {
    expect(text).toContain(`#EXT-X-RENDITION-REPORT:URI="../video1/playlist.m3u8",LAST-MSN=7,LAST-PART=3\n`);
    expect(playlist(presentation, "video1")).toContain(`"../video0/playlist.m3u8",LAST-MSN=7,LAST-PART=4\n`);
  });

  test("a delta update leaves out what is more than six target durations before the end", () => {
    const delta = livePlaylist(presentation, trackOf(presentation, "video0"), true);
    expect(delta).toContain(`#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-SKIP:SKIPPED-SEGMENTS=1
#EXT-X-MAP:URI="0/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:22.000Z
#EXTINF:2.00000,
0/1.m4s
`);
    const rest = (whole: string) => whole.slice(whole.indexOf("0/1.m4s"));
    expect(rest(delta)).toBe(rest(text));
    expect(delta).toContain("#EXT-X-MEDIA-SEQUENCE:0\n");
  });

  test("where there is nothing to leave out, or the end has come, the whole playlist is the answer", () => {
    const short = live();
    const track = trackOf(short, "video0");
    expect(livePlaylist(short, track, true)).toBe(livePlaylist(short, track));
    const over = presentWith({ video0: [long, long.chunks] }, { tracks: ["video"] });
    over.finish();
    expect(livePlaylist(over, trackOf(over, "video0"), true)).not.toContain("EXT-X-SKIP");
  });
});

describe("the multivariant playlist", () => {
  const both = () => {
    const presentation = present({ tracks: ["video", "video", "audio"] });
    beginTrack(presentation, "video0", picture);
    beginTrack(presentation, "video1", larger);
    beginTrack(presentation, "audio0", sound);
    feed(presentation, { video0: [picture, between(picture, 2, 6.2)], audio0: [sound, between(sound, 0, 6.2)] });
    return presentation;
  };

  test("of a picture and its sound, whole", () => {
    const presentation = both();
    const peak = (name: string) => trackOf(presentation, name).window.peakBitrate;
    const text = multivariantPlaylist(presentation, "0190/");
    const average = Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(text)?.[1]);
    expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="0190/audio0/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=${peak("video0") + peak("audio0")},AVERAGE-BANDWIDTH=${average},CODECS="avc1.42c00b,mp4a.40.2",RESOLUTION=160x90,FRAME-RATE=30.000,AUDIO="audio"
0190/video0/playlist.m3u8
`);
    expect(average).toBeGreaterThan(0);
    expect(average).toBeLessThanOrEqual(peak("video0") + peak("audio0"));
  });

  test("says a bit rate that no segment is above", () => {
    const presentation = both();
    const rows = trackOf(presentation, "video0").window.rows;
    const rates = rows.map(({ bytes, duration }) => (bytes * 8 * 90_000) / duration);
    const bandwidth = Number(/:BANDWIDTH=(\d+)/.exec(multivariantPlaylist(presentation, ""))?.[1]);
    for (const rate of rates) expect(bandwidth).toBeGreaterThanOrEqual(rate);
  });

  test("of sound alone has the sound as its variant", () => {
    const presentation = presentWith({ audio0: [sound, sound.chunks] }, { tracks: ["audio"] });
    const { playlists, mediaGroups } = parsed(multivariantPlaylist(presentation, ""));
    expect(playlists?.map(({ uri, attributes }) => [uri, attributes.CODECS])).toEqual([
      ["audio0/playlist.m3u8", "mp4a.40.2"],
    ]);
    expect(mediaGroups?.AUDIO).toEqual({});
  });

  test("leaves out what has nothing to list", () => {
    const { playlists } = parsed(multivariantPlaylist(both(), ""));
    expect(playlists?.map(({ uri }) => uri)).toEqual(["video0/playlist.m3u8"]);
  });
});
