import type { BrowserContext, Page } from "playwright-core";
import { until } from "../../example/until.ts";
import { reachState } from "../../example/watching.ts";

const LIMIT_MS = 60_000;
/** A picture moves again when this many pictures have come within a second. */
const MOVING_PICTURES = 15;

/** Runs in the page before its own scripts: notes when each picture came onto the screen, as Unix time in ms. */
const NOTE_PICTURES = `
  globalThis.pictures = [];
  const watch = (video) => {
    const next = () => video.requestVideoFrameCallback((now) => {
      pictures.push(performance.timeOrigin + now);
      next();
    });
    next();
  };
  addEventListener("DOMContentLoaded", () => watch(document.querySelector("video#player")));
`;

/** A watch page that is never loaded again, whatever happens, and when it showed which picture. */
export class Watcher {
  readonly page: Page;
  readonly delivery: string;

  /** Opens the page and waits until it plays. */
  static async open(context: BrowserContext, url: string, channel: string, delivery: string): Promise<Watcher> {
    const page = await context.newPage();
    await page.addInitScript({ content: NOTE_PICTURES });
    await page.goto(`${url}/watch/${channel}?delivery=${delivery}`);
    await reachState(page, "playing", LIMIT_MS);
    return new Watcher(page, delivery);
  }

  private constructor(page: Page, delivery: string) {
    this.page = page;
    this.delivery = delivery;
  }

  /** Waits until the picture moves again, and gives the longest time without a new one since then (Unix ms), in ms. */
  async longestGapSince(sinceMs: number): Promise<number> {
    await until({ what: `for the ${this.delivery} viewer's picture to move`, limitMs: LIMIT_MS }, async () =>
      (await this.#picturesSince(Date.now() - 1000)).length >= MOVING_PICTURES ? true : undefined,
    );
    const times = await this.#picturesSince(sinceMs - 1000);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    return Math.max(0, ...gaps);
  }

  #picturesSince(sinceMs: number): Promise<number[]> {
    return this.page.evaluate<number[]>(`pictures.filter((time) => time >= ${sinceMs})`);
  }
}
