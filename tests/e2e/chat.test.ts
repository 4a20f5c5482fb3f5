import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { finishedOn, readyOn } from "../helpers/millrace.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";

const LIMIT_MS = 30_000;

const site = oneForAll(() => startSite({ MILLRACE_PREVIEW_SECONDS: "0" }));

async function openChat(channel: string, host?: "localhost"): Promise<Page> {
  const page = await site().open(`/watch/${channel}`, host);
  await page.waitForSelector("#chat:not([hidden]) .chat-own-text:enabled", { timeout: LIMIT_MS });
  return page;
}

/** Waits until a page shows exactly these lines. */
async function shows(page: Page, lines: readonly string[]): Promise<void> {
  let seen: string[] = [];
  await until({ what: `for the lines ${JSON.stringify(lines)}`, limitMs: LIMIT_MS }, async () => {
    seen = await page.$$eval(".chat-text", (all) => all.map((each) => each.textContent ?? ""));
    return JSON.stringify(seen) === JSON.stringify(lines) ? true : undefined;
  });
}

test("two people talk with the keyboard alone, one of them moderates, and markup stays text", async () => {
  const [ada, bob] = [await openChat("talk"), await openChat("talk", "localhost")];
  await ada.focus(".chat-own-name");
  await ada.keyboard.type("Ada");
  await ada.keyboard.press("Tab");
  await ada.keyboard.type("   ");
  await ada.keyboard.press("Enter");
  await ada.keyboard.type("<img src=x onerror=alert(1)> <script>1</script>");
  await ada.keyboard.press("Enter");
  const markup = "<img src=x onerror=alert(1)> <script>1</script>";
  await Promise.all([shows(ada, [markup]), shows(bob, [markup])]);
  expect(await bob.$$(".chat-log img, .chat-log script")).toEqual([]);
  expect(await ada.inputValue(".chat-own-text")).toBe("");
  expect(await ada.evaluate(() => document.activeElement?.className)).toBe("chat-own-text");

  await bob.fill(".chat-own-name", "ada");
  await bob.fill(".chat-own-text", "is this name free?");
  await bob.keyboard.press("Enter");
  await bob.waitForFunction(() => document.querySelector(".chat-notice")?.textContent?.includes("Somebody is called"));
  expect(await bob.inputValue(".chat-own-text")).toBe("is this name free?");
  await bob.fill(".chat-own-name", "Bob");
  await bob.focus(".chat-own-text");
  await bob.keyboard.press("Enter");
  await shows(ada, [markup, "is this name free?"]);

  // Letters that the player knows as keys are letters here, and a button needs no mouse.
  expect(await bob.$eval("video", (video) => (video as HTMLVideoElement).muted)).toBe(true);
  await bob.keyboard.type("mkf");
  expect(await bob.$eval("video", (video) => (video as HTMLVideoElement).muted)).toBe(true);
  await ada.focus("text=Moderate");
  await ada.keyboard.press("Enter");
  await ada.waitForSelector("[aria-label='Delete the line of Bob']");
  await ada.focus("[aria-label='Delete the line of Bob']");
  await ada.keyboard.press("Enter");
  await Promise.all([shows(ada, [markup]), shows(bob, [markup])]);
  await Promise.all([ada.close(), bob.close()]);
});

test("on a phone it fits, keeps its place while somebody reads back, and comes back with the server's history", async () => {
  const page = await openChat("phone");
  const empty = await page.$eval(".chat-log ol", (list) => getComputedStyle(list, "::after").content);
  expect(empty).toContain("Nobody has said anything yet.");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  }
  await page.fill(".chat-own-name", "Operator on a phone");
  await page.click("text=Moderate");
  await page.waitForSelector(".chat-room-tools:not([hidden])");
  const say = async (text: string) => {
    await page.fill(".chat-own-text", text);
    await page.press(".chat-own-text", "Enter");
  };
  const long = "wordwithoutanyspace".repeat(20);
  const all = Array.from({ length: 12 }, (_, n) => `${n} ${n === 3 ? long : "a line of some length"}`);
  for (const text of all) await say(text);
  await shows(page, all);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await page.$eval(".chat-log", (log) => log.scrollHeight - log.scrollTop - log.clientHeight)).toBeLessThan(2);

  const other = await openChat("phone", "localhost");
  await page.$eval(".chat-log", (log) => log.scrollTo(0, 0));
  await other.fill(".chat-own-name", "Bob");
  await other.fill(".chat-own-text", "new");
  await other.press(".chat-own-text", "Enter");
  await page.waitForSelector("text=1 new message");
  expect(await page.$eval(".chat-log", (log) => log.scrollTop)).toBe(0);
  await page.click("text=1 new message");
  expect(await page.isHidden(".chat-newer")).toBe(true);
  await page.click("[aria-label='Hide the chat']");
  expect(await page.isHidden(".chat-log")).toBe(true);
  await page.reload();
  await page.waitForSelector("#chat:not([hidden]) [aria-label='Show the chat']");
  await page.click("[aria-label='Show the chat']");
  await shows(page, [...all, "new"]);
  await Promise.all([page.close(), other.close()]);
});

test("a recording's page shows what was said in time with the picture, forwards and back", async () => {
  const clip = clips["H.264 and Opus in Matroska"](4);
  const publisher = await SocketPublisher.connect(site().url, "replay");
  const page = await openChat("replay");
  await page.fill(".chat-own-name", "Ada");
  await publisher.send(clip, { seconds: 4 });
  await readyOn(site().url, "replay");
  await page.fill(".chat-own-text", "near the end");
  await page.press(".chat-own-text", "Enter");
  await shows(page, ["near the end"]);
  await publisher.end();
  const { id } = await finishedOn(site().url, "replay");
  await page.goto(`${site().url}/watch/recording/${id}`);
  await page.waitForSelector("#chat:not([hidden])");
  const seek = (seconds: number) =>
    page.$eval(
      "video#player",
      (element, to) => {
        const video = element as HTMLVideoElement;
        video.pause();
        video.currentTime = to;
      },
      seconds,
    );
  await page.waitForFunction(() => (document.querySelector("video")?.readyState ?? 0) >= 2);
  await seek(0.5);
  await shows(page, []);
  await seek(99);
  await shows(page, ["near the end"]);
  await seek(1);
  await shows(page, []);
  expect(await page.$(".chat-form")).toBeNull();
  await page.close();
});

test("axe finds nothing in it", async () => {
  const page = await openChat("axe");
  await page.fill(".chat-own-name", "Ada");
  await page.fill(".chat-own-text", "hello");
  await page.press(".chat-own-text", "Enter");
  await page.click("text=Moderate");
  await page.waitForSelector("[aria-label='Delete the line of Ada']");
  await page.evaluate(await readFile("node_modules/axe-core/axe.min.js", "utf8"));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const found = await page.evaluate(
      "axe.run('#chat').then(({violations}) => violations.map(({id, nodes}) => [id, nodes[0].html]))",
    );
    expect(found).toEqual([]);
  }
  await page.close();
});
