import { describe, expect, test } from "@jest/globals";
import type { Channel } from "../../../server/protocol/api.ts";
import { LiveSession } from "../../../web/player/live-session.ts";
import type { WatchStatus } from "../../../web/player/live-words.ts";
import type { LinkNews } from "../../../web/player/socket/link.ts";
import type { Answer } from "../../../web/ui/api.ts";

const plain = { name: "demo", title: "", description: "", watch: "open", refusal: null } as const;
const offline: Channel = { ...plain, live: false, onDemand: false, broadcast: null };
const live = (id: string, ready = true): Channel => ({
  ...plain,
  live: true,
  onDemand: false,
  broadcast: {
    id,
    channel: "demo",
    startedAt: "2026-01-01T00:00:00Z",
    state: "live",
    interruptedSince: null,
    failure: null,
    bytes: 1,
    ready,
    container: "webm",
    source: [],
    renditions: [],
    dropped: [],
    notices: [],
    analysis: null,
  },
});

/** A session whose server answers what the test says; `ask` makes it ask once. */
function bench() {
  const actions: string[] = [];
  const statuses: WatchStatus[] = [];
  const session = new LiveSession({
    channel: "demo",
    media: { hls: "h", dash: "d", live: true },
    screen: {
      show: () => void actions.push("show"),
      windDown: () => void actions.push("windDown"),
      clear: () => void actions.push("clear"),
    },
    ask: () => {
      asked += 1;
      return Promise.resolve(next);
    },
    news: () => news,
    onStatus: (status) => statuses.push(status),
    onChannel: () => {},
    hidden: () => false,
  });
  let next: Answer<Channel> = { kind: "unreachable" };
  let news: LinkNews | undefined;
  let asked = 0;
  const hear = (words: LinkNews | undefined) => {
    news = words;
    session.hear();
  };
  const ask = async (answer: Answer<Channel>) => {
    next = answer;
    const once = new AbortController();
    const done = session.run(once.signal);
    await new Promise((resolve) => setTimeout(resolve, 0));
    once.abort();
    await done;
  };
  const ok = (channel: Channel) => ask({ kind: "ok", value: channel });
  return { session, actions, ask, ok, hear, asked: () => asked, last: () => statuses.at(-1) };
}

describe("the page of a live channel", () => {
  test("says what it waits for, and plays when it comes", async () => {
    const { session, actions, ok, last } = bench();
    await ok(offline);
    expect(last()).toMatchObject({ state: "offline", curtain: expect.stringContaining("demo") });
    await ok(live("a", false));
    expect(last()).toMatchObject({ state: "loading" });
    await ok(live("a"));
    expect(actions).toEqual(["show"]);
    expect(last()).toMatchObject({ state: "loading", curtain: undefined });
    session.glance("playing", 0);
    expect(last()).toMatchObject({ state: "playing", text: "Live" });
  });

  test("says why there is nothing to see of a broadcast whose encoder was given up, and does not begin it again", async () => {
    const { session, actions, ok, last, hear } = bench();
    const failure = "The encoder failed 6 times and was given up: no such device";
    const failed = (ready: boolean): Channel => {
      const channel = live("a", ready);
      return { ...channel, broadcast: channel.broadcast && { ...channel.broadcast, failure } };
    };
    await ok(failed(false));
    expect(last()).toMatchObject({ state: "error", curtain: expect.stringContaining(failure) });
    await ok(live("a"));
    session.glance("playing", 0);
    await ok(failed(true));
    expect(last()).toMatchObject({ state: "playing", text: "Live" });
    session.glance("ended", 0);
    for (let round = 0; round < 10; round++) await ok(failed(true));
    expect(actions).toEqual(["show", "clear"]);
    expect(last()).toMatchObject({ state: "ended", curtain: expect.stringContaining(failure) });
    // The live socket only tells that it is over; the page asks why.
    hear({ kind: "offline" });
    for (let round = 0; round < 4; round++) await ok(failed(true));
    expect(last()?.curtain).toContain(failure);
  });

  test("says when the server cannot be reached", async () => {
    const { ask, last } = bench();
    await ask({ kind: "unreachable" });
    expect(last()?.curtain).toMatch(/cannot be reached/);
  });

  test("plays on while the server is away, and names the reason when the picture stops", async () => {
    const { session, ask, ok, last } = bench();
    await ok(live("a"));
    session.glance("playing", 0);
    await ask({ kind: "unreachable" });
    expect(last()).toMatchObject({ state: "playing" });
    session.glance("stalled", 1500);
    expect(last()).toMatchObject({ state: "stalled", text: expect.stringMatching(/cannot be reached/) });
  });

  test("plays out and then says that the broadcast has ended", async () => {
    const { session, actions, ok, last } = bench();
    await ok(live("a"));
    session.glance("playing", 0);
    await ok(offline);
    session.glance("playing", 0);
    expect(last()).toMatchObject({ state: "playing" });
    session.glance("ended", 0);
    expect(last()).toMatchObject({ state: "ended", curtain: expect.stringMatching(/has ended/) });
    expect(actions).toEqual(["show", "clear"]);
  });

  test("takes a picture that stands still after the end for its end", async () => {
    const { session, actions, ok } = bench();
    await ok(live("a"));
    session.glance("playing", 0);
    session.glance("stalled", 60_000);
    expect(actions).toEqual(["show"]);
    await ok(offline);
    session.glance("stalled", 2_000);
    expect(actions).toEqual(["show"]);
    session.glance("stalled", 4_000);
    expect(actions).toEqual(["show", "clear"]);
  });

  test("says why a broadcast cannot be played", async () => {
    const { session, actions, ok, last } = bench();
    await ok(live("a"));
    session.giveUp("no codec");
    expect(last()).toMatchObject({ state: "error", curtain: "no codec" });
    expect(actions).toEqual(["show", "clear"]);
  });

  test("does as the socket says while it says something, and asks nobody else", async () => {
    const { session, actions, ok, hear, asked, last } = bench();
    hear({ kind: "offline" });
    expect(last()).toMatchObject({ state: "offline" });
    hear({ kind: "starting" });
    expect(last()).toMatchObject({ state: "loading" });
    hear({ kind: "live", broadcast: "a", hasSound: true });
    expect(actions).toEqual(["show"]);
    session.glance("playing", 0);
    await ok(offline);
    expect(asked()).toBe(0);
    expect(last()).toMatchObject({ state: "playing" });
  });

  test("opens the next broadcast the moment the socket tells of it", () => {
    const { session, actions, hear, last } = bench();
    hear({ kind: "live", broadcast: "a", hasSound: true });
    hear({ kind: "offline" });
    session.glance("ended", 0);
    expect(last()).toMatchObject({ state: "ended" });
    hear({ kind: "live", broadcast: "b", hasSound: true });
    expect(actions).toEqual(["show", "clear", "show"]);
  });

  test("opens one that goes on after it was thought to be over, without waiting", () => {
    const { session, actions, hear } = bench();
    hear({ kind: "live", broadcast: "a", hasSound: true });
    hear({ kind: "offline" });
    session.glance("ended", 0);
    hear({ kind: "live", broadcast: "a", hasSound: true });
    expect(actions).toEqual(["show", "clear", "show"]);
  });

  test("asks again when the socket falls silent", async () => {
    const { hear, ok, asked, last } = bench();
    hear({ kind: "offline" });
    hear(undefined);
    await ok(live("a"));
    expect(asked()).toBe(1);
    expect(last()).toMatchObject({ state: "loading", curtain: undefined });
  });
});
