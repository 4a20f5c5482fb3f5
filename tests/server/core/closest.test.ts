import { expect, test } from "@jest/globals";
import { closest } from "../../../server/core/closest.ts";

const names = ["MILLRACE_HOST", "MILLRACE_PORT", "MILLRACE_LADDER"];

test("finds the name that a misspelling was meant to be", () => {
  expect(closest("MILLRACE_LADER", names)).toBe("MILLRACE_LADDER");
  expect(closest("MILRACE_PROT", names)).toBe("MILLRACE_PORT");
});

test("offers nothing for a name that is like none", () => {
  expect(closest("MILLRACE_SOMETHING_ELSE", names)).toBeUndefined();
});
