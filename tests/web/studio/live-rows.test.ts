import { expect, test } from "@jest/globals";
import {
  droppedWords,
  RENDITION_COLUMNS,
  renditionRows,
  VIEWER_COLUMNS,
  viewerRow,
} from "../../../web/studio/live-rows.ts";
import { broadcastOf } from "../../helpers/studio.ts";

const NOW_MS = Date.parse("2026-01-02T03:01:05.000Z");

test("rows of viewers and renditions fill the columns of their tables", () => {
  const viewer = {
    delivery: "hls",
    address: "192.0.2.x",
    since: "2026-01-02T03:01:00.000Z",
    rendition: null,
    kbps: 1_500,
    bytes: 1,
    delayMs: 2_340,
    bufferMs: null,
    stalls: 2,
    joinMs: 400,
  } as const;
  const row = viewerRow(viewer, NOW_MS);
  expect(row).toEqual(["hls", "–", "192.0.2.x", "1.5 Mbit/s", "2.3 s", "–", "2", "400 ms", "0:05"]);
  expect(row).toHaveLength(VIEWER_COLUMNS.length);
  const rows = renditionRows(broadcastOf(), { video0: 3 });
  expect(rows[0]).toEqual(["publisher's", "video (webm)", "1280 × 720", "vp8", "–", "–", "–"]);
  expect(rows[1]).toEqual(["video0", "video", "1280 × 720", "avc1.42c01f", "29.97", "–", "3"]);
  expect(rows[2]).toEqual(["audio0", "audio", "–", "mp4a.40.2", "–", "128 kbit/s", "–"]);
  for (const each of rows) expect(each).toHaveLength(RENDITION_COLUMNS.length);
  expect(droppedWords({ dropped: [] })).toBe("");
  expect(droppedWords({ dropped: [{ track: "video1", width: 640, height: 360 }] })).toMatch(/video1 \(640 × 360\)/);
});
