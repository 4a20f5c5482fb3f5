import { expect, test } from "@jest/globals";
import { Addresses, networkOf } from "../../../server/chat/addresses.ts";
import { Secret } from "../../../server/core/secret.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:0DB8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::9", "2001:db8:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::1", "0:0:0:0"],
  ["", ""],
])("%s is one customer's: %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("what is kept of an address tells it to nobody, and knows it again", () => {
  const addresses = new Addresses(new Secret("x"), ["10.0.0.0/8"]);
  const caller = addresses.caller("203.0.113.7");
  expect(caller).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), masked: "203.0.113.*", isShared: false });
  expect(addresses.caller("::ffff:203.0.113.7").hash).toBe(caller.hash);
  expect(new Addresses(new Secret("y"), []).caller("203.0.113.7").hash).not.toBe(caller.hash);
  expect(addresses.caller("2001:db8:1:2::9").masked).toBe("2001:db8:1:*");
  expect(addresses.caller("10.1.2.3").isShared).toBe(true);
  expect(addresses.caller("").masked).toBe("unknown");
});
