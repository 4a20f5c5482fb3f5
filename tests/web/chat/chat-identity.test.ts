import { expect, test } from "@jest/globals";
import { ChatIdentity } from "../../../web/chat/chat-identity.ts";

function store() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

test("the browser knows its person again", () => {
  const kept = store();
  const first = new ChatIdentity(kept);
  expect([first.name, first.isClosed]).toEqual(["", false]);
  first.name = "Ada";
  first.isClosed = true;
  const { key } = first;
  expect(key).toMatch(/^[\w-]{16,64}$/);
  const again = new ChatIdentity(kept);
  expect([again.name, again.key, again.isClosed]).toEqual(["Ada", key, true]);
  expect(new ChatIdentity(store()).key).not.toBe(key);
});

test("a browser that keeps nothing remembers as long as the page", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  const identity = new ChatIdentity({ getItem: refuse, setItem: refuse });
  identity.name = "Ada";
  expect([identity.name, identity.key]).toEqual(["Ada", identity.key]);
});
