import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startChromium } from "./example/chromium-session.ts";
import { startServer } from "./example/server-process.ts";
import { reachState } from "./example/watching.ts";

/** Pictures of every page, in both colour schemes, wide and on a phone: `npm run screenshots -- FOLDER`. */
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } } as const;
const SCHEMES = ["light", "dark"] as const;
const LIMIT_MS = 30_000;
const CHART_MS = 20_000;

const folder = process.argv[2] ?? "screenshots";
await mkdir(folder, { recursive: true });
const dataDir = await mkdtemp(join(tmpdir(), "millrace-pictures-"));
const server = await startServer({ MILLRACE_PORT: "0", MILLRACE_DATA_DIR: dataDir, MILLRACE_LOG_LEVEL: "warn" });
try {
  await using chromium = await startChromium();
  const open = async (path: string) => {
    const page = await chromium.context.newPage();
    await page.goto(`${server.url}${path}`);
    return page;
  };
  await photograph(await open("/"), "home-empty");
  const earlier = await open("/capture?channel=workshop&source=testcard&autostart=1&width=640&height=360");
  await reachState(earlier, "live", LIMIT_MS);
  await reachState(await open("/watch/workshop"), "playing", LIMIT_MS);
  await earlier.click("#stop");
  await reachState(earlier, "ended", LIMIT_MS);
  await earlier.close();

  await photograph(await open("/capture"), "capture-idle");
  const capture = await open("/capture?channel=studio&source=testcard&autostart=1");
  await reachState(capture, "live", LIMIT_MS);
  const watch = await open("/watch/studio");
  await reachState(watch, "playing", LIMIT_MS);
  await photograph(capture, "capture-live");
  await photograph(watch, "watch-live");
  await photograph(await open("/watch/nobody"), "watch-offline");
  const home = await open("/");
  await home.getByText("workshop").first().waitFor({ timeout: LIMIT_MS });
  await photograph(home, "home");
  const recording = await home.locator('a[href*="/watch/recording/"]').first().getAttribute("href");
  const replay = await open(new URL(recording ?? "/", server.url).pathname);
  await reachState(replay, "playing", LIMIT_MS);
  await photograph(replay, "watch-recording");
  await photographStudio(open);
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** The studio has to be set up first: a channel with a title, a key and a web hook that nobody answers. */
async function photographStudio(open: (path: string) => Promise<Page>): Promise<void> {
  const post = (path: string, body: object) =>
    fetch(`${server.url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await post("/channels", { name: "studio", title: "Studio, camera 1", description: "The room on the first floor" });
  await post("/channels", { name: "guests", watch: "link" });
  await post("/channels/studio/keys", { label: "camera 1" });
  await post("/hooks", { url: "http://127.0.0.1:9/events", types: [] });
  const overview = await open("/studio");
  await overview.locator('[data-channel="studio"] dd').first().waitFor({ timeout: LIMIT_MS });
  await overview.click("#hooks-more > summary");
  await photograph(overview, "studio");
  const channel = await open("/studio/studio");
  await channel.locator("#viewers td").first().waitFor({ timeout: LIMIT_MS });
  await channel.fill("#new-key input", "camera 2");
  await channel.click("#new-key button");
  await channel.locator(".shown-once").waitFor({ timeout: LIMIT_MS });
  // The charts are on top, and those of a few seconds show little.
  await channel.evaluate(() => scrollTo(0, 0));
  await channel.waitForTimeout(CHART_MS);
  await photograph(channel, "studio-channel");
}

async function photograph(page: Page, name: string): Promise<void> {
  await page.bringToFront();
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: join(folder, `${name}-${size}-${scheme}.png`), fullPage: size === "phone" });
    }
  }
  console.log(name);
}
