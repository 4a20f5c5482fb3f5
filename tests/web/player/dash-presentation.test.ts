import { describe, expect, test } from "@jest/globals";
import { presentationGuard } from "../../../web/player/dash-presentation.ts";

const live = (start: string) =>
  `<?xml version="1.0"?>\n<MPD type="dynamic"\n availabilityStartTime="${start}"><Period/></MPD>`;
const FINISHED = '<MPD type="static" mediaPresentationDuration="PT9S"/>';

describe("a live presentation's manifests", () => {
  test("are its own as long as it started at the same moment, and when it has ended", () => {
    const ours = presentationGuard();
    expect([live("2026-01-01T00:00:00Z"), live("2026-01-01T00:00:00Z"), FINISHED].map(ours)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("are not those of the next broadcast below the same address", () => {
    const ours = presentationGuard();
    expect([live("2026-01-01T00:00:00Z"), live("2026-01-01T00:01:00Z")].map(ours)).toEqual([true, false]);
  });

  test("are not confused with other answers in text", () => {
    expect(presentationGuard()("2026-01-01T00:00:00Z")).toBe(true);
  });
});
