import { describe, expect, test } from "@jest/globals";
import { askedDelay, presentationGuard } from "../../../web/player/dash-presentation.ts";

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

describe("the delay that a manifest asks for", () => {
  const head = '<MPD type="dynamic" suggestedPresentationDelay="PT4.5S">';

  test("is that of low latency where there is one", () => {
    const description = '<ServiceDescription id="0"><Latency target="450" min="300"/></ServiceDescription>';
    expect(askedDelay(`${head}${description}</MPD>`)).toBe(0.45);
  });

  test("is the one for whole segments where there is none", () => {
    expect(askedDelay(`${head}</MPD>`)).toBe(4.5);
  });

  test("is not asked for by what is finished, nor by other answers", () => {
    expect([FINISHED, "2026-01-01T00:00:00Z"].map(askedDelay)).toEqual([undefined, undefined]);
  });
});
