import { describe, expect, test } from "@jest/globals";
import { type LiveAction, type LiveEvent, type LivePhase, nextLive } from "../../../web/player/live-state.ts";

const off: LiveEvent = { type: "polled", broadcast: undefined };
const starting = (id: string): LiveEvent => ({ type: "polled", broadcast: { id, ready: false } });
const ready = (id: string): LiveEvent => ({ type: "polled", broadcast: { id, ready: true } });
const playedOut: LiveEvent = { type: "played-out" };
const gaveUp: LiveEvent = { type: "gave-up" };

/** Runs events through the machine and notes phase and action of each. */
function run(...events: LiveEvent[]): string[] {
  let phase: LivePhase = { name: "offline" };
  return events.map((event) => {
    const step: { phase: LivePhase; action: LiveAction } = nextLive(phase, event);
    phase = step.phase;
    return step.action === "none" ? phase.name : `${phase.name} ${step.action}`;
  });
}

describe("a viewer of a channel", () => {
  test("waits until the first segment is there, then watches", () => {
    expect(run(off, starting("a"), ready("a"), ready("a"))).toEqual([
      "offline",
      "preparing",
      "watching open",
      "watching",
    ]);
  });

  test("goes back to waiting when a broadcast ends before its first segment", () => {
    expect(run(starting("a"), off)).toEqual(["preparing", "offline"]);
  });

  test("plays out what is buffered before the end is said", () => {
    expect(run(ready("a"), off, off, playedOut, off)).toEqual([
      "watching open",
      "draining",
      "draining",
      "ended close",
      "ended",
    ]);
  });

  test("goes on to the next broadcast by itself", () => {
    expect(run(ready("a"), off, playedOut, starting("b"), ready("b"))).toEqual([
      "watching open",
      "draining",
      "ended close",
      "preparing",
      "watching open",
    ]);
  });

  test("loads nothing below the old addresses once another broadcast has taken them", () => {
    expect(run(ready("a"), ready("b"), ready("b"), playedOut, ready("b"))).toEqual([
      "watching open",
      "draining wind-down",
      "draining wind-down",
      "ended close",
      "watching open",
    ]);
  });

  test("that sees the end of the picture before the server says so does not start again", () => {
    expect(run(ready("a"), playedOut, ready("a"), ready("a"), off, off)).toEqual([
      "watching open",
      "ended close",
      "ended",
      "ended",
      "ended",
      "ended",
    ]);
  });

  test("does not believe the end of the picture when the server insists that it is live", () => {
    const steps = run(ready("a"), playedOut, ...Array.from({ length: 6 }, () => ready("a")));
    expect(steps.at(-2)).toBe("ended");
    expect(steps.at(-1)).toBe("watching open");
  });

  test("that was told the end by both opens whatever is live then", () => {
    expect(run(ready("a"), playedOut, off, ready("a"))).toEqual([
      "watching open",
      "ended close",
      "ended",
      "watching open",
    ]);
  });

  test("goes on watching when the server was mistaken about the end", () => {
    expect(run(ready("a"), off, ready("a"))).toEqual(["watching open", "draining", "watching"]);
  });

  test("that cannot play a broadcast waits for the next one", () => {
    expect(run(ready("a"), gaveUp, ready("a"), off)).toEqual(["watching open", "failed close", "failed", "offline"]);
    expect(run(ready("a"), gaveUp, ready("b"))).toEqual(["watching open", "failed close", "watching open"]);
  });

  test("hears nothing of a picture that is not there", () => {
    expect(run(playedOut, gaveUp)).toEqual(["offline", "offline"]);
  });
});
