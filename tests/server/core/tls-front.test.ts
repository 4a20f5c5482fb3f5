import { copyFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { get } from "node:https";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { type App, startApp } from "../../../server/app.ts";
import { parseSettings } from "../../../server/config.ts";
import { liveServerMessage } from "../../../server/protocol/live.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/tls");
/** The test's certificates are signed by nobody. */
const trusting = { rejectUnauthorized: false };

let folder: TempFolder;
let app: App;

function useCertificate(name: string): void {
  for (const half of ["cert", "key"]) {
    copyFileSync(join(FIXTURES, `${name}.${half}.pem`), join(folder.path, `${half}.pem`));
  }
}

function settings(): Record<string, string> {
  return {
    MILLRACE_PORT: "0",
    MILLRACE_RTMP_PORT: "off",
    MILLRACE_FRAMES_PORT: "off",
    MILLRACE_LOG_LEVEL: "silent",
    MILLRACE_PAGES: "off",
    MILLRACE_DATA_DIR: join(folder.path, "data"),
    MILLRACE_TLS_CERT: join(folder.path, "cert.pem"),
    MILLRACE_TLS_KEY: join(folder.path, "key.pem"),
  };
}

beforeEach(async () => {
  folder = await tempFolder();
  useCertificate("first");
  app = await startApp(parseSettings(settings()));
});
afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The name on the certificate that a new client sees, and the protocol that is agreed on. */
async function greet(protocols: string[]): Promise<{ name: unknown; protocol: unknown }> {
  const { port } = new URL(app.url);
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened = connectTls({ host: "127.0.0.1", port: Number(port), ALPNProtocols: protocols, ...trusting }, () =>
      resolve(opened),
    );
    opened.on("error", reject);
  });
  const seen = { name: socket.getPeerCertificate().subject.CN, protocol: socket.alpnProtocol };
  socket.destroy();
  return seen;
}

function askHttp2(
  path: string,
  more: Record<string, string> = {},
): Promise<{ status: unknown; body: string; headers: Record<string, unknown> }> {
  const session = connectHttp2(app.url, trusting);
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request({ ":path": path, ...more });
    stream.on("error", reject);
    let body = "";
    let headers: Record<string, unknown> = {};
    stream.setEncoding("utf8");
    stream.on("response", (received) => {
      headers = received;
    });
    stream.on("data", (text: string) => {
      body += text;
    });
    stream.on("end", () => {
      session.close();
      resolve({ status: headers[":status"], body, headers });
    });
    stream.end();
  });
}

function askHttp1(path: string): Promise<{ status: unknown; body: string }> {
  return new Promise((resolve, reject) => {
    get(`${app.url}${path}`, trusting, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    }).on("error", reject);
  });
}

describe("with a certificate", () => {
  test("the same routes answer over HTTP/2 and over HTTP/1.1", async () => {
    expect(app.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const modern = await askHttp2("/healthz");
    expect([modern.status, modern.body]).toEqual([200, '{"status":"ok"}']);
    expect(await askHttp1("/healthz")).toEqual({ status: 200, body: '{"status":"ok"}' });
    const missing = await askHttp2("/live/nobody/master.m3u8");
    expect([missing.status, missing.headers["access-control-allow-origin"]]).toEqual([404, "*"]);
  });

  test("too large a header is refused over HTTP/2, too: with words, or with a reset when it is much too large", async () => {
    expect(await askHttp2("/healthz", { cookie: "x".repeat(15_000) })).toMatchObject({ status: 200 });
    const large = await askHttp2("/healthz", { cookie: "x".repeat(17_000) });
    expect([large.status, large.body]).toEqual([431, expect.stringContaining("MILLRACE_MAX_HEADER_BYTES")]);
    await expect(askHttp2("/healthz", { cookie: "x".repeat(100_000) })).rejects.toMatchObject({
      message: expect.stringMatching(/NGHTTP2|closed|Stream/),
    });
    expect((await askHttp2("/healthz")).status).toBe(200);
  });

  test("WebSockets are encrypted, too", async () => {
    const socket = new WebSocket(`${app.url.replace("https", "wss")}/live/x/socket?wait=1`, "millrace.live.v1", {
      ...trusting,
    });
    const words = await new Promise((resolve, reject) => {
      socket.on("message", (data) => resolve(liveServerMessage.parse(JSON.parse(String(data)))));
      socket.on("error", reject);
    });
    expect(words).toEqual({ type: "waiting", reason: "offline" });
    socket.terminate();
  });

  test("a new one is used as soon as its files are there, and a broken one is not", async () => {
    expect(await greet(["h2"])).toEqual({ name: "first.millrace.test", protocol: "h2" });
    useCertificate("second");
    await eventually("the new certificate is shown", async () => (await greet(["h2"])).name === "second.millrace.test");
    copyFileSync(join(FIXTURES, "first.key.pem"), join(folder.path, "key.pem"));
    expect(await greet(["http/1.1"])).toEqual({ name: "second.millrace.test", protocol: "http/1.1" });
  });

  test("a client that hangs on holds up nobody's end", async () => {
    const session = connectHttp2(app.url, trusting);
    session.on("error", () => {});
    await new Promise((resolve) => session.on("connect", resolve));
    await app[Symbol.asyncDispose]();
    await eventually("the session is closed", () => session.destroyed);
  });
});

test("what is no certificate stops the start, with the settings' names", async () => {
  copyFileSync(join(FIXTURES, "second.key.pem"), join(folder.path, "key.pem"));
  const elsewhere = { ...settings(), MILLRACE_DATA_DIR: join(folder.path, "other") };
  await expect(startApp(parseSettings(elsewhere))).rejects.toMatchObject({
    message: expect.stringMatching(/HTTPS cannot be served \(MILLRACE_TLS_CERT=.*cert\.pem.*mismatch/),
  });
});
