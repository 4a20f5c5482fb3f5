import { expect, test } from "@jest/globals";
import { AddressList, isSubnet } from "../../../server/core/address-list.ts";

test.each([
  ["10.1.2.3", ["10.0.0.0/8"], true],
  ["::ffff:10.1.2.3", ["10.0.0.0/8"], true],
  ["11.1.2.3", ["10.0.0.0/8"], false],
  ["2001:db8::7", ["2001:db8::/32"], true],
  ["2001:db9::7", ["2001:db8::/32", "10.0.0.0/8"], false],
  ["192.0.2.1", ["10.0.0.1", "*"], true],
  ["192.0.2.1", [], false],
  ["10.1.2.3:8080", ["10.0.0.0/8"], true],
  ["[2001:db8::7]:443", ["2001:db8::/32"], true],
  ["fe80::1%eth0", ["fe80::/10"], true],
  ["somewhere", ["10.0.0.0/8", "::/0"], false],
  ["", ["10.0.0.0/8", "::/0"], false],
])("%s is in %j: %s", (address, entries, is) => {
  expect(new AddressList(entries).has(address)).toBe(is);
});

test("an entry that is none is refused by name", () => {
  expect(() => new AddressList(["10.0.0.0/33"])).toThrow(/“10\.0\.0\.0\/33” is neither an address nor a subnet/);
});

test.each([
  ["10.0.0.1", true],
  ["10.0.0.0/8", true],
  ["::1", true],
  ["2001:db8::/32", true],
  ["10.0.0.0/33", false],
  ["10.0.0.0/", false],
  ["10.0.0.0/8/8", false],
  ["10.0.0", false],
  ["localhost", false],
  ["", false],
])("“%s” is an address or a subnet: %s", (entry, is) => {
  expect(isSubnet(entry)).toBe(is);
});
