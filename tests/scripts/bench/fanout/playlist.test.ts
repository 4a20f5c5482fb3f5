import { expect, test } from "@jest/globals";
import { mediaPlaylists, viewPlaylist } from "../../../../scripts/bench/fanout/playlist.ts";
import { livePlaylist, multivariantPlaylist } from "../../../../server/packaging/hls.ts";
import { between, makePicture, makeSound } from "../../../helpers/cmaf.ts";
import { presentWith, trackOf } from "../../../helpers/presentation.ts";

const picture = makePicture({ seconds: 30 });
const sound = makeSound({ seconds: 30 });

/** A broadcast that has come to `seconds`; its time 2 is the Unix second 1,700,000,000. */
function presentation(seconds: number) {
  const live = presentWith(
    { video0: [picture, between(picture, 2, seconds)], audio0: [sound, between(sound, 2, seconds)] },
    { windowSeconds: 60 },
  );
  return live;
}

function view(seconds: number, delta = false) {
  const live = presentation(seconds);
  return viewPlaylist(livePlaylist(live, trackOf(live, "video0"), delta));
}

test("the next reload asks for the part after the last, and after a whole segment for the first of the next", () => {
  expect(view(6.4).next).toBe("?_HLS_msn=2&_HLS_part=2&_HLS_skip=YES");
  expect(view(8.1).next).toBe("?_HLS_msn=3&_HLS_part=0&_HLS_skip=YES");
});

test("a part is due when its last picture is", () => {
  const { parts } = view(6.4);
  expect(parts.at(-1)).toMatchObject({ number: 21, uri: "0/part21.m4s" });
  expect(parts.at(-1)?.dueMs).toBeCloseTo(1_700_000_004_400, 0);
});

test("a delta update says the same", () => {
  const [whole, delta] = [view(30.4), view(30.4, true)];
  expect(delta.next).toBe(whole.next);
  expect(delta.parts).toEqual(whole.parts);
});

test("finds the playlists of picture and sound", () => {
  expect(mediaPlaylists(multivariantPlaylist(presentation(8.1), "folder/"))).toEqual({
    video: "folder/video0/playlist.m3u8",
    audio: "folder/audio0/playlist.m3u8",
  });
  expect(() => mediaPlaylists("#EXTM3U\n")).toThrow();
});
