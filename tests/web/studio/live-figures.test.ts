import { expect, test } from "@jest/globals";
import { broadcastFigures, cardFigures, serverFigures } from "../../../web/studio/live-figures.ts";
import { serverOf, statsOf } from "../../helpers/studio.ts";

const NOW_MS = Date.parse("2026-01-02T03:01:05.000Z");

test("figures of a card, of the page and of the server have words for what nobody has told", () => {
  expect(cardFigures(statsOf())).toEqual({
    Viewers: "1",
    Delay: "–",
    Input: "2.5 Mbit/s",
    Encoder: "300 ms",
    Restarts: "0",
  });
  const spread = { min: 100, avg: 250, p50: 240, p95: 1_200, max: 2_000 };
  const stats = statsOf({ audience: { ...statsOf().audience, delayMs: spread } });
  const figures = broadcastFigures(stats, NOW_MS);
  expect(figures).toMatchObject({ "On air": "1:05", "Delay, middle and worst": "240 ms / 1.2 s", Over: "socket 1" });
  expect(serverFigures(serverOf())).toMatchObject({ Processor: "12 % of a core", "Free on disk": "80 GB" });
  for (const text of Object.values(figures)) expect(text).not.toMatch(/undefined|null|NaN/);
});
