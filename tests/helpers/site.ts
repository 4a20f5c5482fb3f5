import type { BrowserContext, Page } from "playwright-core";
import { startChromium } from "../../scripts/example/chromium-session.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { Scope } from "../../server/core/scope.ts";
import { type Millrace, startMillrace } from "./millrace.ts";

/** The built server, and a browser that opens its pages. */
export interface Site extends Millrace {
  readonly context: BrowserContext;
  /** Opens a page. Under another name of this machine it is one in another person's browser: they share nothing. */
  open(path: string, host?: "127.0.0.1" | "localhost"): Promise<Page>;
  /** Opens the watch page of a channel and waits until it plays. */
  watch(channel: string, delivery: string): Promise<Page>;
}

/** Starts both; `settings` are the server's, on top of what a test wants. */
export async function startSite(settings: Readonly<Record<string, string>> = {}): Promise<Site> {
  const scope = new Scope();
  try {
    const millrace = scope.use(await startMillrace(settings));
    const { context } = scope.use(await startChromium());
    const open = async (path: string, host = "127.0.0.1") => {
      const page = await context.newPage();
      await page.goto(`${millrace.url.replace("127.0.0.1", host)}${path}`);
      return page;
    };
    return {
      ...millrace,
      context,
      open,
      async watch(channel, delivery) {
        const page = await open(`/watch/${channel}?delivery=${delivery}`);
        await reachState(page, "playing");
        return page;
      },
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}
