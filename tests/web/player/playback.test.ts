import { describe, expect, test } from "@jest/globals";
import type { Engine, EngineKind, EngineRequest, OpenEngine } from "../../../web/player/engine.ts";
import { Playback } from "../../../web/player/playback.ts";

/** Engines that do nothing but be noted. */
function bench(engines: readonly EngineKind[], live = true, probe?: () => Promise<boolean>) {
  const log: string[] = [];
  const opened: EngineRequest[] = [];
  const video = { currentTime: 0 } as HTMLVideoElement;
  const opener =
    (kind: EngineKind): OpenEngine =>
    async (request) => {
      log.push(request.startAt === undefined ? `open ${kind}` : `open ${kind} at ${request.startAt}`);
      opened.push(request);
      const engine: Engine = {
        renditions: [],
        playing: undefined,
        delaySeconds: undefined,
        livePosition: undefined,
        choose: () => {},
        windDown: () => {},
        close: () => void log.push(`close ${kind}`),
      };
      return engine;
    };
  const playback = new Playback({
    video,
    media: { hls: "h", dash: "d", live },
    engines,
    openers: { socket: opener("socket"), hls: opener("hls"), dash: opener("dash"), native: opener("native") },
    probe,
    climbMs: 10,
    report: {
      onEngine: () => {},
      onTrouble: (text) => text !== undefined && log.push("trouble"),
      onRenditions: () => {},
      onGiveUp: (text) => void log.push(`give up: ${text}`),
    },
  });
  const settle = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
  return { playback, video, log, opened, settle };
}

describe("a playback", () => {
  test("goes to the next engine when one cannot play this, and gives up after the last", async () => {
    const { log, opened, settle } = bench(["hls", "dash"]);
    await settle();
    opened[0]?.report.onFailure({ kind: "media", text: "no" });
    await settle(5);
    opened[1]?.report.onFailure({ kind: "media", text: "no codec" });
    await settle(5);
    expect(log).toEqual(["open hls", "trouble", "close hls", "open dash", "give up: no codec", "close dash"]);
  });

  test("opens the same engine again when the network failed, a recording where it was", async () => {
    const { log, video, opened, settle } = bench(["dash"], false);
    await settle();
    video.currentTime = 42;
    opened[0]?.report.onFailure({ kind: "network", text: "gone" });
    await settle(1100);
    expect(log).toEqual(["open dash", "trouble", "close dash", "open dash at 42"]);
  });

  test("does not listen to an engine that it has closed", async () => {
    const { log, opened, settle } = bench(["hls", "dash"]);
    await settle();
    opened[0]?.report.onFailure({ kind: "media", text: "no" });
    opened[0]?.report.onFailure({ kind: "media", text: "no" });
    await settle(5);
    opened[0]?.report.onTrouble("late");
    expect(log.filter((line) => line === "trouble")).toHaveLength(1);
    expect(log.filter((line) => line.startsWith("open"))).toEqual(["open hls", "open dash"]);
  });

  test("changes the engine when no picture comes", async () => {
    const { playback, log, settle } = bench(["hls", "dash"]);
    await settle();
    playback.stuck();
    await settle(5);
    expect(log).toEqual(["open hls", "trouble", "close hls", "open dash"]);
  });

  test("leaves nothing behind when it is closed, whenever that is", async () => {
    const early = bench(["hls"]);
    early.playback.close();
    await early.settle();
    expect(early.log).toEqual(["open hls", "close hls"]);

    const waiting = bench(["hls"]);
    await waiting.settle();
    waiting.opened[0]?.report.onFailure({ kind: "network", text: "gone" });
    waiting.playback.close();
    await waiting.settle(1200);
    expect(waiting.log).toEqual(["open hls", "trouble", "close hls"]);
  });

  test("climbs back to the first engine when its way is open again, and not before", async () => {
    let probes = 0;
    const { log, opened, settle } = bench(["socket", "hls"], true, async () => {
      probes += 1;
      return probes === 2;
    });
    await settle();
    opened[0]?.report.onFailure({ kind: "blocked", text: "closed" });
    await settle(5);
    expect(log).toEqual(["open socket", "trouble", "close socket", "open hls"]);
    await settle(100);
    expect(log.slice(4)).toEqual(["close hls", "open socket"]);
    expect(probes).toBe(2);
    await settle(100);
    expect(probes).toBe(2);
  });

  test("does not climb back to an engine that cannot play this, nor when it is closed", async () => {
    let probes = 0;
    const probe = async () => {
      probes += 1;
      return true;
    };
    const cannot = bench(["socket", "hls"], true, probe);
    await cannot.settle();
    cannot.opened[0]?.report.onFailure({ kind: "media", text: "no codec" });
    await cannot.settle(60);
    const closed = bench(["socket", "hls"], true, probe);
    await closed.settle();
    closed.opened[0]?.report.onFailure({ kind: "blocked", text: "closed" });
    closed.playback.close();
    await closed.settle(60);
    expect(probes).toBe(0);
  });
});
