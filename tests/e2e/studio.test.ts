import { describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { findBarriers } from "../helpers/accessibility.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { recordings } from "../helpers/millrace.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";

const LIMIT_MS = 30_000;
const TOKEN = "the-operators-token";
const PHONE = { width: 360, height: 740 };
const SECONDS = 60;
const clip = clips["H.264 and Opus in Matroska"](SECONDS);

const site = oneForAll(() => startSite({ MILLRACE_PUBLISH: "keys", MILLRACE_ADMIN_TOKEN: TOKEN }));

/** Gives the page the operator's token. */
async function signIn(page: Page): Promise<void> {
  await page.fill("dialog input[type=password]", TOKEN);
  await page.click("dialog button[type=submit]");
}

async function publish(key: string): Promise<SocketPublisher> {
  const publisher = await SocketPublisher.connect(site().url, `show?key=${key}`);
  void publisher.send(clip, { pieceBytes: 4096, seconds: SECONDS });
  return publisher;
}

/** The key that the page shows this once. */
async function shownKey(page: Page): Promise<string> {
  const box = page.locator(".shown-once");
  const key = await box.locator("code").first().innerText();
  await box.getByRole("button", { name: "I have copied it" }).click();
  await box.waitFor({ state: "detached" });
  return key;
}

/** Switches the chat off and bans an address. */
async function setUpChat(page: Page): Promise<void> {
  await page.selectOption("#chat select", "false");
  await page.fill("#chat textarea", "spam");
  await page.click("#chat button");
  await page.locator("#chat").getByText("Saved").waitFor();
  await page.click("#bans-more > summary");
  await page.fill("#new-ban input", "203.0.113.7");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Lift the ban of 203.0.113.*" }).click();
  await page.locator("#bans-empty").waitFor();
}

/** Names a source that is not there, reads so, and removes it. */
async function nameSource(page: Page): Promise<void> {
  await page.click("#source-more > summary");
  await page.fill("#source input[name=where]", "ftp://camera.lan");
  expect(await page.locator("#source-words").innerText()).toMatch(/Allowed is an rtsp/);
  await page.selectOption("#source select[name=kind]", "file");
  await page.fill("#source input[name=where]", "nothing.mkv");
  await page.click("#source button[type=submit]");
  await page.locator("#source-how").getByText("waits for its next try").waitFor();
  await page.click("#remove-source");
  await page.locator("dialog").getByRole("button", { name: "Remove the source" }).click();
  await page.locator("#source-state").waitFor({ state: "hidden" });
  await page.click("#source-more > summary");
}

const isLive = (page: Page) => page.locator('#state[data-state="live"]').waitFor();
const isOffline = (page: Page) => page.locator('#state[data-state="offline"]').waitFor();

/** In both colour schemes, and whether the page is wider than a phone. */
async function barriersOf(page: Page): Promise<string[]> {
  await page.bringToFront();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await findBarriers(page);
  // Nothing but colours is different.
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await findBarriers(page, ["color-contrast"]);
  await page.setViewportSize(PHONE);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  const tooWide = width > PHONE.width ? [`it is ${width} pixels wide on a phone`] : [];
  return [...light, ...dark.map((found) => `in the dark, ${found}`), ...tooWide];
}

describe("the studio", () => {
  test("makes a channel and a key, shows it live with its viewer, rotates, stops, revokes and deletes", async () => {
    const page = await site().open("/studio");
    await signIn(page);
    await page.fill("#new-channel input[name=name]", "show");
    await page.fill("#new-channel input[name=title]", "The show");
    await page.fill("#new-channel input[name=ladder]", "640x");
    expect(await page.locator("#ladder-words").innerText()).toMatch(/"640x" is no entry/);
    await page.fill("#new-channel input[name=ladder]", "ORIGINAL");
    await page.click("#new-channel button[type=submit]");
    await page.waitForURL("**/studio/show");
    await page.getByRole("heading", { name: "The show (show)" }).waitFor();

    await setUpChat(page);
    await nameSource(page);

    await page.fill("#new-key input", "camera 1");
    await page.click("#new-key button");
    const first = await publish(await shownKey(page));
    await isLive(page);
    const viewer = await site().open("/watch/show");
    await reachState(viewer, "playing", LIMIT_MS);
    await page.bringToFront();
    await page.locator('#viewers td:text-is("socket")').waitFor();
    await page
      .locator("figure.chart", { hasText: "Viewers" })
      .getByText(/^1 now/)
      .waitFor();
    await page.locator("#events").getByText("Live: people can watch").waitFor();

    await page.getByRole("button", { name: "Rotate camera 1" }).click();
    await page.locator("dialog").getByRole("button", { name: "Rotate" }).click();
    const rotated = await shownKey(page);
    expect((await first.ended).texts.at(-1)).toMatch(/^ERROR: /);
    await isOffline(page);

    const second = await publish(rotated);
    await isLive(page);
    await page.locator("#stop").click();
    await page.locator("dialog").getByRole("button", { name: "Stop the broadcast" }).click();
    expect((await second.ended).texts.at(-1)).toMatch(/stopped by the operator/);
    await page
      .locator("#events")
      .getByText(/^.*Stopped by the operator/)
      .first()
      .waitFor();

    await page.getByRole("button", { name: "Revoke camera 1" }).click();
    await page.locator("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("button", { name: "Revoke camera 1" }).waitFor({ state: "detached" });
    await expect(SocketPublisher.connect(site().url, `show?key=${rotated}`)).rejects.toThrow("401");

    await page.locator("#delete").click();
    await page.fill("dialog input", "another");
    await page.locator("dialog").getByRole("button", { name: "Delete the channel" }).click();
    expect(await page.locator("dialog").isVisible()).toBe(true);
    await page.fill("dialog input", "show");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/studio");
    await page.locator("#channels-empty").waitFor();
    await Promise.all([page.close(), viewer.close()]);
  });

  test("is not shown without the operator's token, and says what it wants", async () => {
    const page = await site().open("/studio");
    await page.locator("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.fill("dialog input", "wrong");
    await page.keyboard.press("Enter");
    await page.locator("dialog").getByText("That was not the admin token").waitFor();
    await signIn(page);
    await page.getByRole("heading", { name: "Studio" }).waitFor();
    await page.close();
  });
});

test("no page has a serious barrier in either colour scheme, nor is one wider than a phone", async () => {
  const studio = await site().open("/studio");
  await signIn(studio);
  await studio.fill("#new-channel input[name=name]", "show");
  await studio.click("#new-channel button[type=submit]");
  await studio.waitForURL("**/studio/show");
  await studio.fill("#new-key input", "camera");
  await studio.click("#new-key button");
  const publisher = await publish(await studio.locator(".shown-once code").first().innerText());
  const viewer = await site().open("/watch/show");
  await reachState(viewer, "playing", LIMIT_MS);
  await studio.locator("#viewers td").first().waitFor();
  const overview = await site().open("/studio");
  await signIn(overview);
  await overview.locator('[data-channel="show"] dd').first().waitFor();
  for (const more of ["#sources-more", "#hooks-more", "#new-hook details"]) await overview.click(`${more} > summary`);
  for (const more of ["#source-more", "#bans-more"]) await studio.click(`${more} > summary`);
  const finished = await until({ what: "for a recording", limitMs: LIMIT_MS }, async () =>
    (await recordings(site().url)).find(({ state }) => state === "finished"),
  );
  const pages: readonly (readonly [string, Page | string])[] = [
    ["/studio", overview],
    ["/studio/show", studio],
    ["/watch/show", viewer],
    ["/watch/recording/ID", `/watch/recording/${finished.id}`],
    ["/", "/"],
    ["/capture", "/capture"],
    ["/recordings", "/recordings"],
  ];
  const barriers: [string, string][] = [];
  for (const [name, there] of pages) {
    const page = typeof there === "string" ? await site().open(there) : there;
    for (const found of await barriersOf(page)) barriers.push([name, found]);
    await page.close();
  }
  await publisher.end();
  expect(barriers).toEqual([]);
});
