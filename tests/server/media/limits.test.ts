import { expect, test } from "@jest/globals";
import type { MediaTrack } from "../../../server/media/container.ts";
import { refuseImpossible } from "../../../server/media/limits.ts";

const video = (width: number, height: number): MediaTrack => ({ id: 1, kind: "video", codec: "vp8", width, height });
const audio: MediaTrack = { id: 2, kind: "audio", codec: "opus" };

test.each([
  { name: "a camera", tracks: [video(1920, 1080), audio] },
  { name: "8K", tracks: [video(7680, 4320)] },
  { name: "a tall 8K", tracks: [video(4320, 8192)] },
  { name: "an unknown size", tracks: [{ id: 1, kind: "video", codec: "vp9" } as const] },
])("$name is taken", ({ tracks }) => {
  expect(() => refuseImpossible(tracks)).not.toThrow();
});

test.each([
  { name: "a huge picture", tracks: [video(65_535, 65_535)], says: /65535×65535 pixels is too large/ },
  { name: "a long line", tracks: [video(8193, 1)], says: /8193×1 pixels/ },
  { name: "a large square", tracks: [video(8192, 8192)], says: /8192×8192 pixels/ },
  { name: "thousands of tracks", tracks: Array<MediaTrack>(5000).fill(audio), says: /5000 tracks, at most 16/ },
])("$name is refused", ({ tracks, says }) => {
  expect(() => refuseImpossible(tracks)).toThrow(says);
});
