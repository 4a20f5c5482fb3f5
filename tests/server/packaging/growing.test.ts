import { beforeEach, expect, test } from "@jest/globals";
import { GrowingRecording } from "../../../server/packaging/growing.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { present, presentWith, trackOf } from "../../helpers/presentation.ts";

const picture = makePicture({ seconds: 9 });
const sound = makeSound({ seconds: 9 });
const CLOCK = "http://host/time";

let presentation: Presentation;
let files: { isWhole: boolean };
let growing: GrowingRecording;
/** Three whole segments, of which a window of 3 s lists only the newest. */
beforeEach(() => {
  presentation = presentWith(
    { video0: [picture, between(picture, 2, 8.5)], audio0: [sound, between(sound, 2, 8.5)] },
    { windowSeconds: 3 },
  );
  files = { isWhole: true };
  growing = new GrowingRecording(presentation, files);
});

const text = (name: string) => growing.text(name, CLOCK)?.plain.toString();

test("playlists have everything since the beginning, and say that more will come", () => {
  const playlist = text("video0/playlist.m3u8") ?? "";
  expect(playlist).toContain("#EXT-X-PLAYLIST-TYPE:EVENT\n");
  expect(playlist).toContain("#EXT-X-MEDIA-SEQUENCE:0\n");
  expect(playlist.match(/^0\/\d\.m4s$/gm)).toEqual(["0/0.m4s", "0/1.m4s", "0/2.m4s"]);
  expect(playlist).not.toMatch(/ENDLIST|EXT-X-PART|SERVER-CONTROL/);
  expect(text("master.m3u8")).toContain("\nvideo0/playlist.m3u8\n");
  expect(trackOf(presentation, "video0").window.listed.length).toBeLessThan(3);
});

test("the manifest is dynamic, begins at 0 and lets players go back to there", () => {
  const mpd = text("manifest.mpd") ?? "";
  expect(mpd).toContain('type="dynamic"');
  expect(mpd).toContain('<Period id="p0" start="PT0S">');
  // What has reached the server at 2 s on the timeline is at the period's start.
  expect(mpd).toContain('availabilityStartTime="2023-11-14T22:13:20.000Z"');
  expect(Number(/timeShiftBufferDepth="PT([\d.]+)S"/.exec(mpd)?.[1])).toBeGreaterThan(6);
  expect(mpd).toContain(`value="${CLOCK}"`);
  expect(mpd).toContain('media="video0/0/$Number$.m4s" startNumber="0"');
  expect(mpd).not.toContain("availabilityTimeOffset");
});

test("texts change with each segment, and not in between", () => {
  const before = growing.text("video0/playlist.m3u8", CLOCK);
  feed(presentation, { video0: [picture, between(picture, 8.5, 9)], audio0: [sound, between(sound, 8.5, 9)] });
  expect(growing.text("video0/playlist.m3u8", CLOCK)).toBe(before);
  feed(presentation, { video0: [picture, between(picture, 9, 11)], audio0: [sound, between(sound, 9, 11)] });
  expect(text("video0/playlist.m3u8")).toContain("0/3.m4s");
  presentation.finish();
  const playlist = text("video0/playlist.m3u8") ?? "";
  expect(playlist).toContain("#EXT-X-PLAYLIST-TYPE:VOD\n");
  expect(playlist).toContain("#EXT-X-ENDLIST");
  expect(text("manifest.mpd")).toContain('type="static"');
});

test("media that is in memory can be had, whether its file is there or not", () => {
  expect(growing.media("video0/0/init.mp4")).toBe(trackOf(presentation, "video0").window.init(0)?.bytes);
  expect(growing.media("audio0/0/2.m4s")?.byteLength).toBeGreaterThan(100);
  for (const name of ["video0/1/2.m4s", "video0/0/9.m4s", "video7/0/0.m4s", "index", "../x/0/0.m4s"]) {
    expect(growing.media(name)).toBeUndefined();
  }
});

test("nothing is there before anything is ready, and when not all of it is kept", () => {
  const early = present();
  expect(new GrowingRecording(early, files).text("master.m3u8", CLOCK)).toBeUndefined();
  expect(text("video9/playlist.m3u8")).toBeUndefined();
  expect(text("preview.jpg")).toBeUndefined();
  files.isWhole = false;
  expect(text("master.m3u8")).toBeUndefined();
});
