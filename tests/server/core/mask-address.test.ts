import { expect, test } from "@jest/globals";
import { maskAddress } from "../../../server/core/mask-address.ts";

test.each([
  ["192.0.2.17", "192.0.2.x"],
  ["::ffff:192.0.2.17", "192.0.2.x"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::x"],
  ["2001:db8::1", "2001:db8::x"],
  ["::1", "::x"],
  ["", ""],
  [undefined, ""],
])("%s is shown as %s", (address, shown) => {
  expect(maskAddress(address)).toBe(shown);
});
