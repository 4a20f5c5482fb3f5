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
