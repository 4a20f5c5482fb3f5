import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { until } from "../example/until.ts";
import type { ForeignPlayer } from "./players.ts";

const START_LIMIT_MS = 20_000;
/** On top of what is to be played: stalls, and a player that starts far behind and plays slowly. */
const EXTRA_MS = 30_000;
const PAGE = "<!doctype html><title>Elsewhere</title><video muted playsinline width=640></video>";
const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/** What a foreign player made of a channel. */
export interface ForeignPlayback {
  readonly seconds: number;
  readonly frames: number;
  /** Times that the picture stood still for half a second or more. */
  readonly stalls: number;
  /** Why it gave up; empty when it did not. */
  readonly failure: string;
}

/** Plays `url` in a page of another site until so many seconds have been seen, or the player fails. */
export async function playElsewhere(
  context: BrowserContext,
  player: ForeignPlayer,
  url: string,
  seconds: number,
): Promise<ForeignPlayback> {
  await using site = await openSite();
  const page = await context.newPage();
  try {
    await page.goto(site.url);
    await page.addScriptTag({ path: `${modules}${player.library}` });
    await page.addScriptTag({ content: script(player.start, url) });
    await until({ what: `for ${player.name} to start`, limitMs: START_LIMIT_MS }, async () => {
      const { seconds: played, failure } = await look(page);
      return played > 0 || failure !== "" ? true : undefined;
    });
    const limitMs = seconds * 1000 + EXTRA_MS;
    return await until({ what: `for ${player.name} to play ${seconds} s`, limitMs }, async () => {
      const now = await look(page);
      return now.seconds >= seconds || now.failure !== "" ? now : undefined;
    });
  } finally {
    await page.close();
  }
}

/** Another site: a page that knows nothing of the server. */
async function openSite(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => response.setHeader("content-type", "text/html").end(PAGE));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Counts in the page itself: seconds that were played (a jump is none), and stops of half a second. */
function script(start: string, url: string): string {
  return `
    const video = document.querySelector("video");
    const url = ${JSON.stringify(url)};
    const fail = (words) => { document.body.dataset.failure ??= String(words); };
    let played = 0, last = 0, movedAt = 0, stalls = 0, standing = false;
    setInterval(() => {
      const now = performance.now();
      if (video.currentTime !== last) {
        const step = video.currentTime - last;
        if (step > 0 && step < 1) played += step;
        last = video.currentTime; movedAt = now; standing = false;
      } else if (played > 0 && !standing && now - movedAt > 500) {
        standing = true; stalls += 1;
      }
      Object.assign(document.body.dataset, {
        seconds: played,
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
        stalls,
      });
    }, 50);
    (async () => { ${start} })().catch((error) => fail(error?.message ?? error));
  `;
}

function look(page: Page): Promise<ForeignPlayback> {
  return page.evaluate(() => {
    const { seconds, frames, stalls, failure } = document.body.dataset;
    const counts = { seconds: Number(seconds ?? 0), frames: Number(frames ?? 0), stalls: Number(stalls ?? 0) };
    return { ...counts, failure: failure ?? "" };
  });
}
