import { describe, expect, test } from "@jest/globals";
import { nextStep, parseDelivery, planEngines, supportedDeliveries } from "../../../web/player/choice.ts";

const ALL = { mediaSource: true, webSocket: true, nativeHls: true, canvas: true };
const SAFARI_OLD = { mediaSource: false, webSocket: true, nativeHls: true, canvas: false };
const NO_SOCKET = { mediaSource: true, webSocket: false, nativeHls: false, canvas: true };
const NONE = { mediaSource: false, webSocket: true, nativeHls: false, canvas: false };
const ONLY_CANVAS = { ...NONE, canvas: true };
const asked = (query: string) => parseDelivery(new URLSearchParams(query));

describe("the delivery in the address", () => {
  test.each([
    ["", "auto"],
    ["delivery=auto", "auto"],
    ["delivery=hls", "hls"],
    ["delivery=dash", "dash"],
    ["delivery=socket", "socket"],
    ["delivery=native", "native"],
    ["delivery=frames", "frames"],
  ])("“%s” asks for %s", (query, expected) => {
    expect(asked(query)).toBe(expected);
  });

  test("that nobody knows is a problem in words", () => {
    expect(planEngines(asked("delivery=quic"), ALL, true)).toEqual({ problem: expect.stringContaining("quic") });
  });
});

describe("the engines", () => {
  test("are tried best first when none was asked for", () => {
    expect(planEngines("auto", ALL, true)).toEqual({ engines: ["socket", "hls", "native", "dash"] });
    expect(planEngines("auto", NO_SOCKET, true)).toEqual({ engines: ["hls", "dash"] });
    expect(planEngines("auto", SAFARI_OLD, true)).toEqual({ engines: ["native"] });
  });

  test("of a recording do not include the socket", () => {
    expect(planEngines("auto", ALL, false)).toEqual({ engines: ["hls", "native", "dash"] });
    expect(planEngines("socket", ALL, false)).toEqual({ problem: expect.stringContaining("recording") });
    expect(supportedDeliveries(ALL, false)).not.toContain("socket");
  });

  test.each(["socket", "hls", "dash", "native", "frames"] as const)("are only %s when that was asked for", (kind) => {
    expect(planEngines(kind, ALL, true)).toEqual({ engines: [kind] });
  });

  test.each([
    ["socket", SAFARI_OLD],
    ["socket", NO_SOCKET],
    ["hls", SAFARI_OLD],
    ["dash", SAFARI_OLD],
    ["native", NO_SOCKET],
    ["frames", NO_SOCKET],
    ["frames", NONE],
  ] as const)("are none, never another, when the browser cannot do %s", (kind, support) => {
    expect(planEngines(kind, support, true)).toHaveProperty("problem");
  });

  test("are images where that is all that the browser can do, and for those who ask", () => {
    expect(planEngines("auto", ONLY_CANVAS, true)).toEqual({ engines: ["frames"] });
    expect(supportedDeliveries(ALL, true)).toContain("frames");
    expect(planEngines("frames", ALL, false)).toEqual({ problem: expect.stringContaining("recording") });
    expect(supportedDeliveries(ALL, false)).not.toContain("frames");
  });

  test("are none in a browser that plays nothing", () => {
    expect(planEngines("auto", NONE, true)).toHaveProperty("problem");
  });
});

describe("after a failure", () => {
  const network = { kind: "network", text: "" } as const;
  const media = { kind: "media", text: "" } as const;
  const silence = { kind: "silence", text: "" } as const;

  test("of the network the same engine tries again, more and more slowly", () => {
    const delays = [1, 2, 3, 4, 5, 6].map((failures) => nextStep(network, 0, failures, 1));
    expect(delays.map((step) => step.do === "retry" && step.index)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(delays.map((step) => step.do === "retry" && step.delayMs)).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test("of the network three times another engine has its turn", () => {
    expect(nextStep(network, 0, 2, 3)).toMatchObject({ index: 0 });
    expect(nextStep(network, 0, 3, 3)).toMatchObject({ index: 1 });
    expect(nextStep(network, 2, 6, 3)).toMatchObject({ index: 0 });
  });

  test("of the media the next engine is used at once, and after the last one nothing", () => {
    expect(nextStep(media, 0, 1, 2)).toEqual({ do: "retry", index: 1, delayMs: 0 });
    expect(nextStep(media, 1, 2, 2)).toEqual({ do: "give-up" });
    expect(nextStep(media, 0, 1, 1)).toEqual({ do: "give-up" });
  });

  test("of a way that is closed the next one is used at once; who asked for that way alone is told", () => {
    const blocked = { kind: "blocked", text: "" } as const;
    expect(nextStep(blocked, 0, 1, 3)).toEqual({ do: "retry", index: 1, delayMs: 0 });
    expect(nextStep(blocked, 0, 1, 1)).toEqual({ do: "give-up" });
  });

  test("without a word every engine is tried in turn, without end", () => {
    expect(nextStep(silence, 0, 1, 2)).toMatchObject({ index: 1 });
    expect(nextStep(silence, 1, 2, 2)).toMatchObject({ index: 0 });
    expect(nextStep(silence, 0, 9, 1)).toMatchObject({ index: 0 });
  });
});
