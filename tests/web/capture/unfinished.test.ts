import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { TabMemory } from "../../../web/capture/unfinished.ts";
import { browserGlobals, type Globals } from "../../helpers/browser-globals.ts";
import { settle } from "../../helpers/eventually.ts";

const ticket = { channel: "demo", broadcast: "018f0000-0000-7000-8000-000000000001", resume: "secret" };

/** The locks of a browser's pages, as far as they are used. */
class FakeLocks {
  readonly held = new Set<string>();

  async request(name: string, hold: () => Promise<void>): Promise<void> {
    this.held.add(name);
    await hold();
    this.held.delete(name);
  }

  async query(): Promise<{ held: { name: string }[] }> {
    return { held: [...this.held].map((name) => ({ name })) };
  }
}

let storage: Map<string, string>;
let globals: Globals;
beforeEach(() => {
  storage = new Map();
  globals = browserGlobals({
    sessionStorage: {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    },
    navigator: { locks: new FakeLocks() },
  });
});
afterEach(() => globals[Symbol.dispose]());

describe("a broadcast that was not ended", () => {
  test("is remembered after a crash: its lock has gone with the page", async () => {
    new TabMemory().remember(ticket);
    globals.set("navigator", { locks: new FakeLocks() });
    await expect(new TabMemory().recall("demo")).resolves.toEqual(ticket);
  });

  test("is another channel's business", async () => {
    new TabMemory().remember(ticket);
    globals.set("navigator", { locks: new FakeLocks() });
    await expect(new TabMemory().recall("other")).resolves.toBeUndefined();
  });

  test("is not taken over by a duplicate of the tab while the first is live", async () => {
    const memory = new TabMemory();
    memory.remember(ticket);
    memory.remember({ ...ticket, resume: "newer" });
    await expect(new TabMemory().recall("demo")).resolves.toBeUndefined();
    memory.leave();
    await settle();
    await expect(new TabMemory().recall("demo")).resolves.toEqual({ ...ticket, resume: "newer" });
  });

  test("is forgotten when it is ended", async () => {
    const memory = new TabMemory();
    memory.remember(ticket);
    memory.forget();
    await settle();
    await expect(memory.recall("demo")).resolves.toBeUndefined();
    expect(storage.size).toBe(0);
  });

  test.each(["", "{}", "no JSON", JSON.stringify({ ...ticket, broadcast: "x" })])(
    "is not read from %j",
    async (text) => {
      storage.set("millrace-unfinished-broadcast", text);
      await expect(new TabMemory().recall("demo")).resolves.toBeUndefined();
    },
  );

  test("is not remembered where the page may store nothing, nor where the browser has no locks", async () => {
    globals.set("sessionStorage", undefined);
    new TabMemory().remember(ticket);
    new TabMemory().forget();
    await expect(new TabMemory().recall("demo")).resolves.toBeUndefined();
    globals.set("navigator", {});
    new TabMemory().remember(ticket);
    expect(storage.size).toBe(0);
  });
});
