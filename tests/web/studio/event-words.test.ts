import { expect, test } from "@jest/globals";
import { eventType, type ServerEvent, serverEvent } from "../../../server/protocol/events.ts";
import { eventWords, isTrouble } from "../../../web/studio/event-words.ts";

const samples: { readonly [E in ServerEvent as E["type"]]: readonly [data: E["data"], words: RegExp] } = {
  "broadcast.started": [{ container: "webm" }, /started \(webm\)$/],
  "channel.live": [{}, /^Live/],
  "broadcast.interrupted": [{}, /lost its connection/],
  "broadcast.resumed": [{ awayMs: 12_000 }, /back after 0:12/],
  "broadcast.ended": [{ reason: "stopped", bytes: 1_500_000 }, /^Stopped by the operator; 1\.5 MB/],
  "rendition.available": [
    { track: "video0", kind: "video", codecs: "avc1.42c01f", width: 640, height: 360 },
    /640 × 360.*avc1/,
  ],
  "rendition.dropped": [{ track: "video1", reason: "too slow" }, /video1.*too slow/],
  "recording.ready": [{ durationMs: 61_000, bytes: 2_000_000 }, /1:01, 2 MB/],
  "recording.deleted": [{ reason: "too old" }, /deleted: too old/],
  "encoder.restarted": [{ reason: "it stalled" }, /again: it stalled/],
  "encoder.given-up": [{ reason: "six failures" }, /given up: six failures/],
  "viewers.threshold": [{ viewers: 12, threshold: 10, rising: true }, /^10 viewers or more: 12 now/],
  analysis: [
    { event: 1, analyser: "black", shape: "range", startMs: 0, durationMs: 5_000, values: {} },
    /^Analysis: black for 0:05/,
  ],
  "analysis.failed": [{ analyser: "motion", reason: "hung" }, /motion.*hung/],
  "disk.low": [{ freeBytes: 400_000_000, floorBytes: 500_000_000 }, /nearly full: 400 MB/],
  "disk.ok": [{ freeBytes: 600_000_000 }, /room again: 600 MB/],
};

test.each(eventType.options)("%s is told in words", (type) => {
  const [data, words] = samples[type];
  const event = serverEvent.parse({ id: 1, at: "2026-01-02T03:00:00.000Z", type, data });
  expect(eventWords(event)).toMatch(words);
  expect(eventWords(event)).not.toMatch(/undefined|null|[{}]|\[object/);
});

test("one viewer is not viewers, and what falls is told so", () => {
  const of = (data: object) => {
    const event = { id: 1, at: "2026-01-02T03:00:00.000Z", type: "viewers.threshold", data };
    return eventWords(serverEvent.parse(event));
  };
  expect(of({ viewers: 1, threshold: 1, rising: true })).toBe("1 viewer or more: 1 now");
  expect(of({ viewers: 7, threshold: 10, rising: false })).toBe("Fewer than 10 viewers: 7 now");
});

test("what an operator should notice is told apart", () => {
  const of = (type: string, data: object) =>
    isTrouble(serverEvent.parse({ id: 1, at: "2026-01-02T03:00:00.000Z", type, data }));
  expect(of("encoder.given-up", { reason: "x" })).toBe(true);
  expect(of("channel.live", {})).toBe(false);
});
