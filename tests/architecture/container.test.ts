import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { Server } from "node:net";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { readSource, root } from "./sources.ts";

const { text: dockerfile } = readSource("docker/Dockerfile");
const health = z.tuple([z.literal("node"), z.literal("-e"), z.string()]);
const certificate = {
  cert: readSource("tests/fixtures/tls/first.cert.pem").text,
  key: readSource("tests/fixtures/tls/first.key.pem").text,
};

/** What the container's health check says of a server: its exit code. */
async function check(server: Server, environment: Record<string, string>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const [, command = "[]"] = /^HEALTHCHECK[^[]*CMD (.*)$/m.exec(dockerfile) ?? [];
  const [, ...args] = health.parse(JSON.parse(command));
  const child = spawn(process.execPath, args, { env: { MILLRACE_PORT: String(port), ...environment } });
  const [code] = z
    .tuple([z.number()])
    .rest(z.unknown())
    .parse(await once(child, "exit"));
  server.close();
  return code;
}

const answer =
  (status: number): RequestListener =>
  ({ url }, response) =>
    void response.writeHead(url === "/healthz" ? status : 404).end();

test("what the container is made from is there, and is not kept from Docker", () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--)(.*) \S+$/gm)].flatMap(([, names = ""]) => names.split(" "));
  const { text: ignored } = readSource(".dockerignore");
  expect(copied.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  expect(copied.filter((name) => !ignored.split("\n").includes(`!${name.replace("./", "")}`))).toEqual([]);
  expect(copied.length).toBeGreaterThan(5);
});

test("the container has the packages that are optional for some platforms and needed on this one", () => {
  // The binary of libsql is one of them.
  expect(dockerfile).not.toMatch(/npm ci .*--(omit=optional|no-optional)/);
});

test.each([
  ["HTTP", () => createHttp(answer(200)), {}],
  ["HTTPS", () => createHttps(certificate, answer(200)), { MILLRACE_TLS_CERT: "/certificate.pem" }],
])("the container is healthy when it answers over %s", async (_, serve, environment) => {
  expect(await check(serve(), environment)).toBe(0);
});

test("the container is not healthy when it answers with an error, or not at all", async () => {
  expect(await check(createHttp(answer(503)), {})).toBe(1);
  expect(
    await check(
      createHttp((_, response) => void response.destroy()),
      {},
    ),
  ).toBe(1);
});
