import { expect, test } from "@jest/globals";
import { formatWebVtt } from "../../../server/media/webvtt.ts";

test("cues are written with hours, minutes and milliseconds, an empty line between them", () => {
  const cues = [
    { start: 0, end: 59.9996, text: "0.jpg" },
    { start: 60, end: 3_725.25, text: "1.jpg" },
    { start: 360_000, end: 360_001, text: "2.jpg" },
  ];
  expect(formatWebVtt(cues)).toBe(
    [
      "WEBVTT\n",
      "00:00:00.000 --> 00:01:00.000\n0.jpg\n",
      "00:01:00.000 --> 01:02:05.250\n1.jpg\n",
      "100:00:00.000 --> 100:00:01.000\n2.jpg\n",
    ].join("\n"),
  );
});

test("without cues it is a file all the same", () => {
  expect(formatWebVtt([])).toBe("WEBVTT\n");
});
