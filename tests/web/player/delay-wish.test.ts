import { describe, expect, test } from "@jest/globals";
import { type DelayStore, keepDelayWish, readDelayWish } from "../../../web/player/delay-wish.ts";

/** A store as a browser has one. */
function memory(): DelayStore {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  };
}

const wish = (query: string, store = memory()) => readDelayWish(new URLSearchParams(query), store);

describe("the delay that a viewer wants", () => {
  test.each([
    ["", undefined],
    ["delay=", undefined],
    ["delay=auto", undefined],
    ["delay=500", 500],
    ["delay=1e9", undefined],
    ["delay=-1", undefined],
  ])("is read from “%s”", (query, expected) => {
    expect(wish(query)).toBe(expected);
  });

  test("is kept for the next visit, and the address overrules it", () => {
    const store = memory();
    keepDelayWish(800, store);
    expect(wish("", store)).toBe(800);
    expect(wish("delay=200", store)).toBe(200);
    expect(wish("delay=auto", store)).toBeUndefined();
    keepDelayWish(undefined, store);
    expect(wish("", store)).toBeUndefined();
  });

  test("is automatic in a browser that keeps nothing", () => {
    const refuse = () => {
      throw new DOMException("no", "SecurityError");
    };
    const store: DelayStore = { getItem: refuse, setItem: refuse, removeItem: refuse };
    keepDelayWish(800, store);
    expect(wish("", store)).toBeUndefined();
  });
});
