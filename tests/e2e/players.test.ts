import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ChromiumSession, startChromium } from "../../scripts/example/chromium-session.ts";
import { fetchText, until } from "../../scripts/example/until.ts";
import { playElsewhere } from "../../scripts/players/play.ts";
import { FOREIGN_PLAYERS } from "../../scripts/players/players.ts";
import { type Millrace, startMillrace } from "../helpers/millrace.ts";

let millrace: Millrace;
let chromium: ChromiumSession;
beforeAll(async () => {
  millrace = await startMillrace();
  chromium = await startChromium();
  const publisher = await chromium.context.newPage();
  await publisher.goto(`${millrace.url}/capture?channel=all&source=testcard&width=640&height=360&autostart=1`);
  await until({ what: "for the playlist", limitMs: 20_000 }, () => fetchText(`${millrace.url}/live/all/master.m3u8`));
}, 60_000);
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await millrace?.[Symbol.asyncDispose]();
});

test.each(FOREIGN_PLAYERS)(
  "$name plays a live channel on another site's page",
  async (player) => {
    const url = `${millrace.url}/live/all/${player.manifest}`;
    const { seconds, frames, failure } = await playElsewhere(chromium.context, player, url, 6);
    expect(failure).toBe("");
    expect(seconds).toBeGreaterThanOrEqual(6);
    expect(frames).toBeGreaterThan(60);
  },
  60_000,
);
