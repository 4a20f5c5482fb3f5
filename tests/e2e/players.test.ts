import { beforeAll, expect, test } from "@jest/globals";
import { playElsewhere } from "../../scripts/players/play.ts";
import { FOREIGN_PLAYERS } from "../../scripts/players/players.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { readyOn } from "../helpers/millrace.ts";
import { startSite } from "../helpers/site.ts";

const site = oneForAll(startSite);
beforeAll(async () => {
  await site().open("/capture?channel=all&source=testcard&width=640&height=360&autostart=1");
  await readyOn(site().url, "all");
});

test.each(FOREIGN_PLAYERS)("$name plays a live channel on another site's page", async (player) => {
  const url = `${site().url}/live/all/${player.manifest}`;
  const { seconds, frames, failure } = await playElsewhere(site().context, player, url, 6);
  expect(failure).toBe("");
  expect(seconds).toBeGreaterThanOrEqual(6);
  expect(frames).toBeGreaterThan(60);
});
