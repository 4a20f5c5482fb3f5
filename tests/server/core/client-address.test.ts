import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { bareAddress, clientAddress, isPassedOn } from "../../../server/core/client-address.ts";
import { siteOf } from "../../../server/core/site.ts";
import { trusting } from "../../../server/core/trusted-proxies.ts";

const CLIENT = "203.0.113.7";
const PROXIES = ["10.0.0.0/8", "2001:db8:1::/48"];

/** What is made of a request that comes from `peer`, where {@link PROXIES} are trusted. */
async function seen(peer: string, headers: Record<string, string>, proxies: readonly string[] = PROXIES) {
  await using app = Fastify(trusting(proxies));
  app.get("/", async (request) => ({
    address: clientAddress(request) ?? null,
    isPassedOn: isPassedOn(request),
    site: siteOf(request),
  }));
  const answer = await app.inject({ url: "/", remoteAddress: peer, headers: { host: "inside:8080", ...headers } });
  return await answer.json();
}

test.each([
  // Without a proxy.
  [CLIENT, undefined, CLIENT],
  [`::ffff:${CLIENT}`, undefined, CLIENT],
  // Who is no proxy is not believed, whatever it says.
  [CLIENT, "198.51.100.1", CLIENT],
  [CLIENT, "10.0.0.2, 198.51.100.1", CLIENT],
  // One proxy, or several.
  ["10.0.0.1", CLIENT, CLIENT],
  ["::ffff:10.0.0.1", CLIENT, CLIENT],
  ["10.0.0.1", `${CLIENT}, 10.1.1.1,10.2.2.2`, CLIENT],
  // What stands on the left was sent by the client, which may say anything.
  ["10.0.0.1", `198.51.100.1, ${CLIENT}`, CLIENT],
  ["10.0.0.1", `10.9.9.9, 127.0.0.1, ${CLIENT}, 10.1.1.1`, CLIENT],
  ["10.0.0.1", `garbage, , ${CLIENT}`, CLIENT],
  ["10.0.0.1", `${"1.2.3.4,".repeat(1_000)}${CLIENT}`, CLIENT],
  // Forms of an address.
  ["10.0.0.1", `${CLIENT}:51234`, CLIENT],
  ["10.0.0.1", `::ffff:${CLIENT}`, CLIENT],
  ["2001:db8:1::5", "2001:db8:2::7", "2001:db8:2::7"],
  ["10.0.0.1", "[2001:db8:2::7]:443", "2001:db8:2::7"],
  ["10.0.0.1", "[2001:db8:2::7]", "2001:db8:2::7"],
  ["10.0.0.1", "2001:db8:2::7, [2001:db8:1::9]:443", "2001:db8:2::7"],
  ["10.0.0.1", `${CLIENT}, 10.1.1.1:80`, CLIENT],
  ["10.0.0.1", "fe80::1%eth0", "fe80::1"],
  // What is no address says nothing: it is whoever has named it.
  ["10.0.0.1", "unknown", "10.0.0.1"],
  ["10.0.0.1", `${CLIENT}, unix:, 10.1.1.1`, "10.1.1.1"],
  ["10.0.0.1", "999.1.1.1", "10.0.0.1"],
  ["10.0.0.1", "", "10.0.0.1"],
  // Somebody inside.
  ["10.0.0.1", "10.5.5.5", "10.5.5.5"],
])("a request from %s for %s is from %s", async (peer, forwardedFor, address) => {
  const headers: Record<string, string> = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
  expect(await seen(peer, headers)).toMatchObject({ address });
});

test("where no proxy is trusted nobody is believed", async () => {
  const headers = { "x-forwarded-for": CLIENT, "x-forwarded-proto": "https", "x-forwarded-host": "evil.example" };
  const seenSo = { address: "127.0.0.1", isPassedOn: false, site: "http://inside:8080" };
  expect(await seen("127.0.0.1", headers, [])).toEqual(seenSo);
  expect(await seen("127.0.0.1", headers)).toEqual(seenSo);
});

test("a proxy says under which name a request was sent", async () => {
  const headers = { "x-forwarded-for": CLIENT, "x-forwarded-proto": "https", "x-forwarded-host": "video.example.org" };
  expect(await seen("10.0.0.1", headers)).toEqual({
    address: CLIENT,
    isPassedOn: true,
    site: "https://video.example.org",
  });
  expect(await seen("10.0.0.1", { "x-forwarded-proto": "javascript" })).toMatchObject({ site: "http://inside:8080" });
});

test.each([
  [undefined, undefined],
  ["", undefined],
  ["localhost", undefined],
  ["1.2.3", undefined],
  ["1.2.3.4:port", undefined],
  ["[::1", undefined],
  ["::1", "::1"],
  ["::FFFF:1.2.3.4", "1.2.3.4"],
])("“%s” as an address: %s", (text, address) => {
  expect(bareAddress(text)).toBe(address);
});

test("a client that has gone has no address", () => {
  expect(clientAddress({ ip: "", ips: [] })).toBeUndefined();
});
