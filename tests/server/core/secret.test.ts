import { inspect } from "node:util";
import { expect, test } from "@jest/globals";
import { Secret } from "../../../server/core/secret.ts";

test("prints as [secret] in every way a log could print it", () => {
  const secret = new Secret("hunter2");
  for (const printed of [String(secret), `${secret}`, JSON.stringify({ secret }), inspect({ secret })]) {
    expect(printed).toContain("[secret]");
    expect(printed).not.toContain("hunter2");
  }
});

test("gives its value to whoever asks for it by name", () => {
  expect(new Secret("hunter2").reveal()).toBe("hunter2");
});

test("is compared with a text of any length", () => {
  const secret = new Secret("hunter2");
  expect(["hunter2", "hunter3", "hunter22", "", "[secret]"].map((text) => secret.equals(text))).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
