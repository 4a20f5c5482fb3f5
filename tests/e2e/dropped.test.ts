import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { fetchText, until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { liveOn } from "../helpers/millrace.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";
import { slowFfmpeg } from "../helpers/stand-in.ts";
import { tempFolder } from "../helpers/temp-folder.ts";
import { chooseRendition, glance, placeOf } from "../helpers/watching.ts";

const LIMIT_MS = 40_000;
const SECONDS = 90;
const clip = clips["H.264 and Opus in Matroska"](SECONDS);
const bytesPerSecond = clip.byteLength / SECONDS;

/** When this file is there, the encoder is slow. */
const slow = () => join(folder().path, "slow");
const folder = oneForAll(tempFolder);
const site = oneForAll(async () => {
  const ffmpeg = await slowFfmpeg(folder(), { bytesPerSecond: bytesPerSecond * 0.25, pictures: 1, since: slow() });
  return startSite({ MILLRACE_FFMPEG: ffmpeg, MILLRACE_LADDER: "ORIGINAL,80x46~150,64x36~100" });
});

test("the dearest picture goes while viewers watch it, and all of them go on with another", async () => {
  const publisher = await SocketPublisher.connect(site().url, "card");
  const sending = publisher.send(clip, { pieceBytes: 2048, seconds: SECONDS });
  const watch = async (delivery: string) => {
    const page = await site().watch("card", delivery);
    await chooseRendition(page, 46);
    await until(
      { what: "for the picture", limitMs: LIMIT_MS },
      async () => (await glance(page)).height === 46 || undefined,
    );
    return { delivery, page };
  };
  const viewers = await Promise.all(["hls", "dash", "socket"].map(watch));
  await writeFile(slow(), "");
  const dropped = await until({ what: "for a picture to be dropped", limitMs: LIMIT_MS }, async () => {
    const live = await liveOn(site().url, "card");
    return live?.dropped.length === 1 ? live : undefined;
  });
  expect(dropped.dropped).toEqual([{ track: "video1", width: 80, height: 46 }]);
  expect(dropped.notices.map(({ text }) => text).join()).toContain("80x46 is not made any more");
  expect(await fetchText(`${site().url}/live/card/master.m3u8`)).not.toContain("80x46");
  for (const { delivery, page } of viewers) {
    const seconds = await placeOf(page);
    await until({ what: `for ${delivery} to go on`, limitMs: LIMIT_MS }, async () => {
      const now = await glance(page);
      return now.height !== 46 && now.seconds > seconds + 3 ? true : undefined;
    });
    await reachState(page, "playing", LIMIT_MS);
  }
  await publisher.end();
  await sending;
});
