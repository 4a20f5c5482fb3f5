import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { noticeUntrustedProxy } from "../../../server/delivery/untrusted-proxy.ts";

test("a proxy that nobody has named is noticed once; who only pretends to be one is not", async () => {
  const lines: string[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  await using app = Fastify({ logger: { level: "warn", stream } });
  noticeUntrustedProxy(app);
  app.get("/", async () => "");
  const headers = { "x-forwarded-for": "203.0.113.7" };
  await app.inject({ url: "/", remoteAddress: "127.0.0.1" });
  await app.inject({ url: "/", remoteAddress: "198.51.100.1", headers });
  expect(lines).toEqual([]);
  await app.inject({ url: "/", remoteAddress: "::ffff:10.0.0.1", headers });
  await app.inject({ url: "/", remoteAddress: "127.0.0.1", headers });
  expect(lines).toEqual([expect.stringContaining("MILLRACE_TRUSTED_PROXIES")]);
});
