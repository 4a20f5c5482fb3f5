import { inspect } from "node:util";
import { expect, test } from "@jest/globals";
import { Secret } from "../../../server/core/secret.ts";
import { hashOfToken, isToken, newToken } from "../../../server/core/token.ts";

test("every token is another one, long and fit for an address", () => {
  const tokens = Array.from({ length: 100 }, () => newToken().reveal());
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("a token is known by its hash, and no other is", () => {
  const token = newToken();
  const hash = hashOfToken(token);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(isToken(token, hash)).toBe(true);
  const text = token.reveal();
  for (const other of ["", text.slice(1), `${text}A`, text.toLowerCase(), newToken().reveal()]) {
    expect(isToken(new Secret(other), hash)).toBe(false);
  }
});

test("a token does not show itself", () => {
  const token = newToken();
  for (const shown of [String(token), JSON.stringify({ token }), inspect({ token })]) {
    expect(shown).not.toContain(token.reveal());
  }
});
