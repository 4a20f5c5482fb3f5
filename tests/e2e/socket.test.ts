import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { until } from "../../scripts/example/until.ts";
import { reachState } from "../../scripts/example/watching.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { startMillrace } from "../helpers/millrace.ts";
import { ffmpegsBelow } from "../helpers/processes.ts";
import { SocketPublisher } from "../helpers/publish.ts";
import { startSite } from "../helpers/site.ts";

const LIMIT_MS = 30_000;
/** As long as a page's first wait before it tries the socket again, and then some. */
const CLIMB_LIMIT_MS = 60_000;

const site = oneForAll(() => startSite({ MILLRACE_LADDER: "ORIGINAL,320x180-15~300" }));
/** A viewer whose socket is kept from it until the test lets it through. */
let blocked: Page;
beforeAll(async () => {
  const query = "channel=card&source=testcard&autostart=1&width=640&height=360&fps=30&kbps=800";
  await reachState(await site().open(`/capture?${query}`), "live", LIMIT_MS);
  blocked = await openBlocked("/watch/card");
});

/** A page whose live sockets go nowhere, as a proxy that knows no WebSockets would have it. */
async function openBlocked(path: string): Promise<Page> {
  const page = await site().context.newPage();
  await page.addInitScript(() => {
    const Real = WebSocket;
    // Port 9 discards: nobody listens there.
    globalThis.WebSocket = class extends Real {
      constructor(url: string | URL, protocols?: string | string[]) {
        const isOpen = document.documentElement?.dataset.sockets === "open";
        super(isOpen || !String(url).includes("/live/") ? url : "ws://127.0.0.1:9/", protocols);
      }
    };
  });
  await page.goto(`${site().url}${path}`);
  return page;
}

/** What a page's video and its figures say. */
async function look(page: Page) {
  return page.evaluate(() => {
    const video = document.querySelector("video");
    const data = (selector: string) => ({ ...document.querySelector<HTMLElement>(selector)?.dataset });
    if (video === null) throw new Error("the page has no video");
    const { currentTime, videoHeight, playbackRate, error } = video;
    const { delivery } = data("#status");
    const { recentP50, stalls, pictures } = data("#measure");
    return {
      seconds: currentTime,
      height: videoHeight,
      rate: playbackRate,
      error: error?.message ?? "",
      delivery,
      delayMs: Number(data("#delay").ms || Number.NaN),
      targetMs: Number(data("#delay-choice").targetMs),
      trueMs: Number(recentP50),
      stalls: Number(stalls),
      pictures: Number(pictures ?? 0),
    };
  });
}

type Look = Awaited<ReturnType<typeof look>>;

/** Looks until it is as it should be. */
function see(what: string, page: Page, holds: (now: Look) => boolean, limitMs = LIMIT_MS): Promise<Look> {
  return until({ what, limitMs }, async () => {
    const now = await look(page);
    if (now.error !== "") throw new Error(now.error);
    return holds(now) ? now : undefined;
  });
}

/** Waits until `seconds` more have been played. */
async function plays(page: Page, seconds: number): Promise<Look> {
  await reachState(page, "playing", LIMIT_MS);
  const { seconds: from } = await look(page);
  return see(`for ${seconds} s to be played`, page, (now) => now.seconds >= from + seconds);
}

test("a viewer whose socket is blocked gets HLS", async () => {
  expect((await plays(blocked, 1)).delivery).toBe("hls");
  // While the other tests run, the page finds that it comes through again: see the last of them.
  await blocked.evaluate(() => {
    document.documentElement.dataset.sockets = "open";
  });
});

describe("the live socket in a browser", () => {
  test("is what a viewer gets who asks for nothing, a fraction of a second behind", async () => {
    const page = await site().open("/watch/card?measure=1");
    await plays(page, 2);
    const now = await see(
      "for pictures with their time",
      page,
      ({ pictures, delayMs }) => pictures > 30 && delayMs > 0,
    );
    expect(now.delivery).toBe("socket");
    expect(now.delayMs).toBeLessThan(2_000);
    expect(await page.innerText("#delay")).toMatch(/^\d+ ms|\d\.\d s/);
    await page.close();
  });

  test("shows two viewers with the same delay the same moment, within 50 ms", async () => {
    const pages = await Promise.all([1, 2].map(() => site().open("/watch/card?delivery=socket&measure=1&delay=1500")));
    await Promise.all(pages.map((page) => plays(page, 1)));
    let together = 0;
    await until({ what: "for both to show the same moment, five times in a row", limitMs: LIMIT_MS }, async () => {
      const looks = await Promise.all(pages.map(look));
      const [a = Number.NaN, b = Number.NaN] = looks.map(({ trueMs }) => trueMs);
      const steady = looks.every(({ targetMs, delayMs }) => targetMs === 1_500 && Math.abs(delayMs - 1_500) < 60);
      together = steady && Math.abs(a - b) <= 50 ? together + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return together >= 5 || undefined;
    });
    await Promise.all(pages.map((page) => page.close()));
  });

  test("changes the picture at a key frame, without a stall", async () => {
    const page = await site().open("/watch/card?delivery=socket&measure=1&delay=1500");
    await plays(page, 1);
    const before = await look(page);
    await until({ what: "for both pictures to be offered", limitMs: LIMIT_MS }, async () =>
      (await page.locator("#rendition option").count()) === 3 ? true : undefined,
    );
    await page.selectOption("#rendition", "video1");
    await see("for the small picture", page, ({ height }) => height === 180);
    await page.selectOption("#rendition", "video0");
    const after = await see("for the large one", page, ({ height }) => height === 360);
    expect(after.seconds).toBeGreaterThan(before.seconds);
    expect(after.stalls).toBe(before.stalls);
    await page.close();
  });

  test("stays where a pause left it, until the viewer goes live", async () => {
    const page = await site().open("/watch/card?delivery=socket&delay=500");
    await plays(page, 1);
    await page.click("#play");
    const { seconds } = await look(page);
    await see("for three seconds to pass", page, ({ delayMs }) => delayMs > 3_500);
    await page.click("#play");
    const resumed = await plays(page, 1);
    expect(resumed.seconds).toBeLessThan(seconds + 3);
    expect(resumed.delayMs).toBeGreaterThan(3_000);
    await page.click("#go-live");
    await see("for live", page, ({ delayMs }) => delayMs < 1_000);
    await page.keyboard.press("ArrowLeft");
    await plays(page, 1);
    await see("for what was five seconds ago", page, ({ delayMs }) => delayMs > 4_500);
    await page.keyboard.press("l");
    await see("for live again", page, ({ delayMs }) => delayMs < 1_000);
    await page.close();
  });

  test("waits for the delay that is chosen, and keeps it for the next visit", async () => {
    const page = await site().open("/watch/card?delivery=socket");
    await plays(page, 1);
    await page.selectOption("#delay-choice", "2000");
    await see("for the chosen delay", page, ({ delayMs, rate }) => Math.abs(delayMs - 2_000) < 60 && rate === 1);
    const next = await site().open("/watch/card?delivery=socket");
    expect((await plays(next, 1)).targetMs).toBe(2_000);
    await next.selectOption("#delay-choice", "");
    await Promise.all([page.close(), next.close()]);
  });

  test("goes on when the sound is switched on, and off again", async () => {
    const page = await site().open("/watch/card?delivery=socket&measure=1");
    await plays(page, 1);
    await page.keyboard.press("m");
    await plays(page, 2);
    const heard = await page.evaluate(() => document.querySelector("video")?.muted);
    expect(heard).toBe(false);
    await page.keyboard.press("m");
    expect((await plays(page, 1)).delivery).toBe("socket");
    await page.close();
  });

  test("goes on when the browser's buffer is full, and when its decoder fails", async () => {
    const page = await site().context.newPage();
    await page.addInitScript(() => {
      const real = SourceBuffer.prototype.appendBuffer;
      let appends = 0;
      SourceBuffer.prototype.appendBuffer = function (data) {
        appends += 1;
        if (appends === 60) throw new DOMException("no room", "QuotaExceededError");
        // A box that is smaller than its own size.
        real.call(this, appends === 120 ? Uint8Array.of(0, 0, 0, 4, 7, 7, 7, 7, 7) : data);
      };
    });
    await page.goto(`${site().url}/watch/card?delivery=socket`);
    const { seconds } = await plays(page, 1);
    // A picture and its sound are two appends, thirty times a second.
    const after = await see("for it to go on after both", page, (now) => now.seconds > seconds + 6);
    expect(after.delivery).toBe("socket");
    await reachState(page, "playing", LIMIT_MS);
    await page.close();
  });

  test("goes on after the encoder was killed", async () => {
    const page = await site().open("/watch/card?delivery=socket");
    await plays(page, 1);
    const { seconds } = await look(page);
    const [encoder = Number.NaN] = ffmpegsBelow(site().process.pid);
    process.kill(encoder, "SIGKILL");
    const after = await see("for it to go on", page, (now) => now.seconds > seconds + 6);
    expect(after.delivery).toBe("socket");
    await reachState(page, "playing", LIMIT_MS);
    await see("for it to be live again", page, ({ delayMs }) => delayMs < 2_000);
    await page.close();
  });
});

const clip = clips["H.264 and Opus in Matroska"](60);

/** Publishes a minute in real time. */
async function publish(url: string, channel: string) {
  const publisher = await SocketPublisher.connect(url, channel);
  return { publisher, sending: publisher.send(clip, { pieceBytes: 2048, seconds: 60 }) };
}

describe("a viewer", () => {
  test("who waits sees the broadcast when it comes, is told its end, and sees the next one", async () => {
    const page = await site().open("/watch/next?measure=1");
    await reachState(page, "offline", LIMIT_MS);
    for (let turn = 0; turn < 2; turn += 1) {
      const { publisher, sending } = await publish(site().url, "next");
      expect((await plays(page, 1)).delivery).toBe("socket");
      await publisher.end();
      await sending;
      await reachState(page, "ended", LIMIT_MS);
    }
    await page.close();
  });

  test("comes back by itself when the server does", async () => {
    await using first = await startMillrace();
    const page = await site().context.newPage();
    await page.goto(`${first.url}/watch/back`);
    const before = await publish(first.url, "back");
    await plays(page, 1);
    await first.process.stop();
    await before.sending;
    await using second = await first.again({ MILLRACE_PORT: new URL(first.url).port });
    const { publisher, sending } = await publish(second.url, "back");
    expect((await plays(page, 2)).delivery).toBe("socket");
    await publisher.end();
    await sending;
    await page.close();
  });

  test("who asked for the socket is told that it does not come through, and gets nothing else", async () => {
    const page = await openBlocked("/watch/card?delivery=socket");
    await reachState(page, "error", LIMIT_MS);
    expect(await page.innerText("#curtain-text")).toMatch(/socket/);
    expect((await look(page)).delivery).toBe("socket");
    await page.close();
  });

  test("whose socket comes through again gets it back", async () => {
    await see("for the socket", blocked, ({ delivery }) => delivery === "socket", CLIMB_LIMIT_MS);
    expect((await plays(blocked, 2)).delivery).toBe("socket");
    await blocked.close();
  });
});
