import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import type { Server } from "node:net";
import { expect, test } from "@jest/globals";
import { speaksHttp2 } from "../../../scripts/check/http2.ts";
import { listening } from "../../helpers/listening.ts";

const certificate = {
  cert: readFileSync("tests/fixtures/tls/first.cert.pem"),
  key: readFileSync("tests/fixtures/tls/first.key.pem"),
};

async function verdictOn(server: Server) {
  await using on = await listening(server);
  return await speaksHttp2(`https://127.0.0.1:${on.port}/master.m3u8`);
}

test("a server with HTTP/2 speaks it", async () => {
  expect(await verdictOn(createSecureServer(certificate))).toEqual({ ok: true, seen: "h2" });
});

test("one without does not", async () => {
  expect(await verdictOn(createServer(certificate))).toEqual({ ok: false, seen: "negotiates http/1.1" });
});

test("where there is no TLS, or nobody, nothing can be said", async () => {
  expect((await speaksHttp2("http://localhost/")).ok).toBeUndefined();
  expect(await speaksHttp2("https://127.0.0.1:9/")).toMatchObject({
    ok: undefined,
    seen: expect.stringMatching(/ECONNREFUSED/),
  });
});
