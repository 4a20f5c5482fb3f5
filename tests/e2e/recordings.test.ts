import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { finishedOn, recordings } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";
import { beganAt, placeOf, plays, seek } from "../helpers/watching.ts";

const LIMIT_MS = 30_000;
const TOKEN = "correct-horse";
const clip = clips["H.264 and Opus in Matroska"](12);

const site = oneForAll(() => startSite({ MILLRACE_ADMIN_TOKEN: TOKEN, MILLRACE_PUBLISH: "open" }));

const titleIs = (page: Page, title: string) =>
  until({ what: `for the title ${title}`, limitMs: LIMIT_MS }, async () =>
    (await page.innerText("h1")) === title ? true : undefined,
  );

/** Answers the dialog on the page. */
async function answer(page: Page, text: string | undefined, button: string): Promise<void> {
  const dialog = page.locator("dialog");
  await dialog.waitFor({ timeout: LIMIT_MS });
  if (text !== undefined) await dialog.locator("input").fill(text);
  await dialog.getByRole("button", { name: button, exact: true }).click();
}

test("a recording is named, played faster, cut and deleted on its page, by who knows the token", async () => {
  await publishHttp(site().url, "stage", clip);
  const { id } = await finishedOn(site().url, "stage");
  const page = await site().open(`/watch/recording/${id}`);
  await reachState(page, "playing", LIMIT_MS);

  await page.click("#rename");
  await answer(page, "Rehearsal", "Save");
  await answer(page, "wrong", "Go on");
  await page.getByText("That was not the admin token.").waitFor({ timeout: LIMIT_MS });
  await answer(page, TOKEN, "Go on");
  await titleIs(page, "Rehearsal");

  await page.selectOption("#speed", "2");
  await page.keyboard.press("k");
  const rate = () => page.$eval("video#player", (video) => (video as HTMLVideoElement).playbackRate);
  expect(await rate()).toBe(2);

  await page.locator("#speed").blur();
  await seek(page, 3);
  await page.keyboard.press("i");
  await seek(page, 5);
  await page.keyboard.press("o");
  expect([await page.inputValue("#clip-from"), await page.inputValue("#clip-to")]).toEqual(["0:03.0", "0:05.0"]);
  await page.fill("#clip-title", "The encore");
  await page.click("#clip-make");
  await page.locator("#clips a", { hasText: "The encore" }).waitFor({ timeout: LIMIT_MS });
  const [made] = (await recordings(site().url)).filter(({ clipOf }) => clipOf?.recording === id);
  expect(made).toMatchObject({ title: "The encore", channel: "stage" });

  const folder = join(site().dataDir, "recordings", "stage");
  await page.click("#delete");
  await answer(page, undefined, "Cancel");
  expect(existsSync(join(folder, id))).toBe(true);
  await page.click("#delete");
  await answer(page, undefined, "Delete");
  await page.waitForURL("**/recordings?channel=stage", { timeout: LIMIT_MS });
  await page.locator(".row-item").waitFor({ timeout: LIMIT_MS });
  expect(await page.locator(".row-item .card-title").allInnerTexts()).toEqual(["The encore"]);
  await page.locator(".row-item .card-title").click();
  await reachState(page, "playing", LIMIT_MS);
  expect(await page.locator("#downloads").innerText()).not.toContain("as sent");
  await page.close();
});

test("the list shows one channel or all, and what is deleted there is gone", async () => {
  await publishHttp(site().url, "hall", clips["VP8 and Opus in WebM"](2));
  await finishedOn(site().url, "hall");
  const page = await site().open("/recordings?channel=nobody");
  await page.getByText("No recordings of nobody yet.").waitFor({ timeout: LIMIT_MS });
  await page.selectOption("#channel", "hall");
  await page.getByRole("button", { name: /^Delete hall/ }).click();
  await answer(page, undefined, "Delete");
  await answer(page, TOKEN, "Go on");
  await page.getByText("No recordings of hall yet.").waitFor({ timeout: LIMIT_MS });
  expect(new URL(page.url()).search).toBe("?channel=hall");
  expect(readdirSync(join(site().dataDir, "recordings", "hall"))).toEqual([]);
  await page.close();
});

test("what is live can be watched from its beginning, over HLS and DASH, and is a recording like any other when it ends", async () => {
  const seconds = 24;
  const long = clips["H.264 and Opus in Matroska"](seconds);
  const publisher = await SocketPublisher.connect(site().url, "long");
  const sending = publisher.send(long, { pieceBytes: 4096, seconds });
  const page = await site().open("/watch/long");
  // So that the beginning is not where live is.
  await plays(page, 5);
  const address = (await page.locator("#from-start").getAttribute("href")) ?? "";
  for (const delivery of ["hls", "dash"]) {
    await page.goto(`${address}?delivery=${delivery}`);
    await reachState(page, "playing", LIMIT_MS);
    expect([delivery, (await beganAt(page)) < 4]).toEqual([delivery, true]);
    await until({ what: `for ${delivery} to go on`, limitMs: LIMIT_MS }, async () => {
      return (await placeOf(page)) > 2 ? true : undefined;
    });
    const length = await page.$eval("#rewind", (bar) => Number((bar as HTMLInputElement).max));
    expect(length).toBeGreaterThan(4);
  }
  await sending;
  await publisher.end();
  await page.locator("#delete").waitFor({ timeout: LIMIT_MS });
  expect(await page.getAttribute("#status", "data-state")).not.toBe("error");
  await page.close();
});
