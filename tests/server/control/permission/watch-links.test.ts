import { expect, test } from "@jest/globals";
import { watchLinks } from "../../../helpers/watch-links.ts";

const links = watchLinks("signing");

test("a token is good for its channel, until it expires, and for nobody else's", () => {
  const { token, expiresAt } = links.sign("cam", 60);
  expect(token).toMatch(/^[0-9a-z]+\.[A-Za-z0-9_-]{43}$/);
  expect(Math.abs(expiresAt.getTime() - Date.now() - 60_000)).toBeLessThan(2_000);
  expect(() => links.check("cam", token)).not.toThrow();
  expect(() => links.check("other", token)).toThrow("not one for this channel");
  expect(() => watchLinks("another").check("cam", token)).toThrow("not one for this channel");
  expect(() => links.check("cam", links.sign("cam", -1).token)).toThrow("expired");
  expect(() => links.check("cam", undefined)).toThrow("a link that its owner gives out");
});

test("a token in which anything is changed is none", () => {
  const { token } = links.sign("cam", 60);
  for (let index = 0; index < token.length; index++) {
    const other = `${token.slice(0, index)}${token[index] === "a" ? "b" : "a"}${token.slice(index + 1)}`;
    // The last character has bits that base64url does not use: it may stand for the same bytes.
    if (index < token.length - 1) expect(() => links.check("cam", other)).toThrow();
    expect(() => links.check("cam", token.slice(0, index))).toThrow();
  }
});

test("links are withdrawn all together, and those of no other channel", () => {
  const own = watchLinks("signing");
  const [before, other] = [own.sign("cam", 60).token, own.sign("other", 60).token];
  own.withdraw("cam");
  expect(() => own.check("cam", before)).toThrow("has been withdrawn");
  expect(() => own.check("other", other)).not.toThrow();
  const after = own.sign("cam", 60).token;
  expect(() => own.check("cam", after)).not.toThrow();
  own.withdraw("cam");
  for (const token of [before, after]) expect(() => own.check("cam", token)).toThrow("has been withdrawn");
});
