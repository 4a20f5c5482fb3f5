import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { CapturePage } from "../helpers/capture-page.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { Operator } from "../helpers/operator.ts";
import { startSite } from "../helpers/site.ts";

const LIMIT_MS = 30_000;
const TOKEN = "the-operators-token";

const site = oneForAll(() =>
  startSite({ MILLRACE_PUBLISH: "keys", MILLRACE_ADMIN_TOKEN: TOKEN, MILLRACE_PREVIEW_SECONDS: "0" }),
);

async function say(page: Page, name: string, text: string): Promise<void> {
  await page.fill(".chat-own-name", name);
  await page.fill(".chat-own-text", text);
  await page.press(".chat-own-text", "Enter");
}

const hears = (page: Page, text: string) => page.locator(".chat-text", { hasText: text }).waitFor();

test("a show for guests: made, published, watched by link, talked about, stopped, replayed, cut, deleted", async () => {
  const studio = await site().open("/studio");
  await studio.fill("dialog input[type=password]", TOKEN);
  await studio.click("dialog button[type=submit]");
  await studio.fill("#new-channel input[name=name]", "gala");
  await studio.selectOption("#new-channel select[name=watch]", "link");
  await studio.click("#new-channel button[type=submit]");
  await studio.waitForURL("**/studio/gala");
  await studio.click("#new-key button");
  const key = await studio.locator(".shown-once code").first().innerText();
  await studio.click("#new-link button[type=submit]");
  const link = new URL(await studio.locator("#made-links code").first().innerText());

  const camera = await CapturePage.live(site(), site().url, {
    channel: "gala",
    query: `source=testcard&key=${encodeURIComponent(key)}`,
  });
  const stranger = await site().open("/watch/gala");
  await reachState(stranger, "error", LIMIT_MS);
  expect(await stranger.innerText("#curtain-text")).toContain("a link that its owner gives out");
  const [ada, bob] = [
    await site().open(`${link.pathname}${link.search}`),
    await site().open(`${link.pathname}${link.search}&delivery=hls`, "localhost"),
  ];
  await Promise.all([reachState(ada, "playing", LIMIT_MS), reachState(bob, "playing", LIMIT_MS)]);

  await say(ada, "Ada", "good evening");
  await hears(bob, "good evening");
  await say(bob, "Bob", "lovely music");
  await hears(ada, "lovely music");

  await studio.locator("#stop").click();
  await studio.locator("dialog").getByRole("button", { name: "Stop the broadcast" }).click();
  await camera.reach("error");
  const operator = new Operator(site().url, TOKEN);
  const id = await until({ what: "for the recording", limitMs: LIMIT_MS }, async () => {
    const { body } = await operator.ask("GET", "/recordings?channel=gala");
    return /"id":"([^"]+)"[^{}]*"state":"finished"/.exec(JSON.stringify(body))?.[1];
  });

  const replay = await site().open(`/watch/recording/${id}${link.search}`, "localhost");
  await reachState(replay, "playing", LIMIT_MS);
  await hears(replay, "good evening");
  const { status, body } = await operator.ask("POST", `/recordings/${id}/clips`, { fromMs: 0, toMs: 1_000 });
  expect([status, body]).toEqual([201, expect.objectContaining({ channel: "gala", state: "finished" })]);
  expect((await operator.ask("DELETE", `/recordings/${id}`)).status).toBe(204);
  const gone = await site().open(`/watch/recording/${id}${link.search}`);
  await reachState(gone, "error", LIMIT_MS);
});
