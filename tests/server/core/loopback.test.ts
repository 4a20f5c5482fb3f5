import { expect, test } from "@jest/globals";
import { isLoopback } from "../../../server/core/loopback.ts";

for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]) {
  test(`${host} is reached from this machine only`, () => expect(isLoopback(host)).toBe(true));
}

for (const host of ["0.0.0.0", "::", "192.168.1.5", "127.0.0.1.example.org", "localhost.example.org", "example.org"]) {
  test(`${host} may be reached from elsewhere`, () => expect(isLoopback(host)).toBe(false));
}
