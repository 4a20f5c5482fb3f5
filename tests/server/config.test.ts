import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { describeSettings, loadEnvironment, parseArguments, parseSettings } from "../../server/config.ts";
import { messageOf } from "../../server/core/errors.ts";
import { settingNames } from "../../server/settings.ts";
import { ENCODERS } from "../../server/transcode/encoders.ts";

test("an empty environment gives the defaults of the contract", () => {
  expect(parseSettings({})).toEqual({
    http: { host: "127.0.0.1", port: 8080, maxHeaderBytes: 16_384, tls: undefined },
    trustedProxies: [],
    isLocal: true,
    dataDir: "./data",
    sourcesDir: "./sources",
    logLevel: "info",
    ffmpegPath: undefined,
    rtmpPort: 1935,
    framesPort: 7006,
    maxFrameBytes: 512 * 1024,
    publicUrl: undefined,
    pages: true,
    ladder: [{ original: true }, { original: false, width: 640, height: 360, kbps: 800 }],
    encoder: "libx264",
    segmentSeconds: 2,
    partSeconds: 0.2,
    windowSeconds: 60,
    maxKeyIntervalSeconds: 3,
    connections: { perAddress: 256, exempt: ["127.0.0.0/8", "::1"], proxies: [] },
    requests: { perSecond: 50, exempt: ["127.0.0.0/8", "::1"] },
    allowedOrigins: [],
    maxViewers: 10_000,
    socket: { join: "newest", batchMs: 0 },
    audioKbps: 128,
    previews: { everySeconds: 5, width: 320, height: 180 },
    analysis: { analysers: [], module: undefined, width: 320, fps: 5 },
    minFreeMb: 500,
    chat: { history: 50 },
    record: true,
    store: undefined,
    keep: { perChannel: { days: 0, count: 0, bytes: 0 }, total: { days: 0, count: 0, bytes: 0 } },
    resumeSeconds: 30,
    idleSeconds: 60,
    maxMessageBytes: 64 * 1024 * 1024,
    maxKbps: 100_000,
    maxBroadcasts: 50,
    publish: "open",
    publishHook: { url: undefined, authorization: undefined },
    adminToken: undefined,
  });
});

test("an empty value means not set", () => {
  expect(parseSettings({ MILLRACE_PORT: "", MILLRACE_RTMP_PORT: " " })).toEqual(parseSettings({}));
});

test("names of others are none of our business", () => {
  expect(parseSettings({ PATH: "/bin", NODE_ENV: "test" })).toEqual(parseSettings({}));
});

test("reads every kind of value", () => {
  const config = parseSettings({
    MILLRACE_PORT: "0",
    MILLRACE_RTMP_PORT: "off",
    MILLRACE_FRAMES_PORT: "7007",
    MILLRACE_MAX_FRAME_KB: "64",
    MILLRACE_PAGES: "off",
    MILLRACE_RECORD: "off",
    MILLRACE_LADDER: "ORIGINAL,640x360-15~800",
    MILLRACE_PART_SECONDS: "0.1",
    MILLRACE_FFMPEG: "/opt/ffmpeg/ffmpeg",
    MILLRACE_TLS_CERT: "cert.pem",
    MILLRACE_TLS_KEY: "key.pem",
  });
  expect(config).toMatchObject({
    http: { port: 0, tls: { certFile: "cert.pem", keyFile: "key.pem" } },
    rtmpPort: undefined,
    framesPort: 7007,
    maxFrameBytes: 64 * 1024,
    pages: false,
    record: false,
    ladder: [{ original: true }, { original: false, width: 640, height: 360, fps: 15, kbps: 800 }],
    partSeconds: 0.1,
    ffmpegPath: "/opt/ffmpeg/ffmpeg",
  });
});

test("key frames may lie one second further apart than segments are long, unless set", () => {
  expect(parseSettings({ MILLRACE_SEGMENT_SECONDS: "4" }).maxKeyIntervalSeconds).toBe(5);
  expect(parseSettings({ MILLRACE_MAX_KEY_INTERVAL_SECONDS: "9" }).maxKeyIntervalSeconds).toBe(9);
});

test("publishing is open on a loopback address, needs keys elsewhere, and can be set", () => {
  expect(parseSettings({ MILLRACE_HOST: "::1" }).publish).toBe("open");
  expect(parseSettings({ MILLRACE_HOST: "0.0.0.0" }).publish).toBe("keys");
  expect(parseSettings({ MILLRACE_HOST: "0.0.0.0", MILLRACE_PUBLISH: "open" }).publish).toBe("open");
});

test("behind a proxy nothing is open by itself, not even on a loopback address", () => {
  const config = parseSettings({ MILLRACE_TRUSTED_PROXIES: "127.0.0.1, 2001:db8::/32" });
  expect(config).toMatchObject({ publish: "keys", isLocal: false, trustedProxies: ["127.0.0.1", "2001:db8::/32"] });
  expect(config.connections.proxies).toEqual(["127.0.0.1", "2001:db8::/32"]);
});

test("pages of the public address may publish, beside those that are named", () => {
  const MILLRACE_PUBLIC_URL = "https://video.example.org";
  expect(parseSettings({ MILLRACE_PUBLIC_URL }).allowedOrigins).toEqual([MILLRACE_PUBLIC_URL]);
  const MILLRACE_ALLOWED_ORIGINS = "https://example.org";
  expect(parseSettings({ MILLRACE_PUBLIC_URL, MILLRACE_ALLOWED_ORIGINS }).allowedOrigins).toEqual([
    MILLRACE_PUBLIC_URL,
    MILLRACE_ALLOWED_ORIGINS,
  ]);
});

test("the admin token does not show when the settings are printed", () => {
  const config = parseSettings({ MILLRACE_ADMIN_TOKEN: "hunter2" });
  expect(JSON.stringify(config)).not.toContain("hunter2");
  expect(config.adminToken?.reveal()).toBe("hunter2");
});

const refused: readonly { given: Record<string, string>; says: string }[] = [
  { given: { MILLRACE_PORT: "99999" }, says: "MILLRACE_PORT=99999: allowed is a whole number from 0 to 65535" },
  { given: { MILLRACE_PORT: "0x50" }, says: "MILLRACE_PORT=0x50: allowed is a whole number" },
  { given: { MILLRACE_PORT: "-1" }, says: "MILLRACE_PORT=-1: allowed is a whole number" },
  { given: { MILLRACE_HOST: "http://x" }, says: "MILLRACE_HOST=http://x: allowed is an address or a host name" },
  { given: { MILLRACE_LOG_LEVEL: "loud" }, says: "allowed is silent, error, warn, info, debug or trace" },
  { given: { MILLRACE_RTMP_PORT: "no" }, says: "MILLRACE_RTMP_PORT=no: allowed is a whole number from 0 to 65535" },
  { given: { MILLRACE_PAGES: "true" }, says: "MILLRACE_PAGES=true: allowed is on or off" },
  { given: { MILLRACE_LADDER: "720p" }, says: '("720p" is no entry)' },
  { given: { MILLRACE_SEGMENT_SECONDS: "0" }, says: "MILLRACE_SEGMENT_SECONDS=0: allowed is seconds from 0.5 to 30" },
  { given: { MILLRACE_SEGMENT_SECONDS: "1e1" }, says: "MILLRACE_SEGMENT_SECONDS=1e1: allowed is seconds" },
  { given: { MILLRACE_PART_SECONDS: "1.5" }, says: "MILLRACE_PART_SECONDS=1.5: allowed is at most 1" },
  { given: { MILLRACE_WINDOW_SECONDS: "5" }, says: "MILLRACE_WINDOW_SECONDS=5: allowed is at least 9" },
  {
    given: { MILLRACE_MAX_KEY_INTERVAL_SECONDS: "1" },
    says: "MILLRACE_MAX_KEY_INTERVAL_SECONDS=1: allowed is at least 2",
  },
  {
    given: { MILLRACE_CONNECTION_EXEMPTIONS: "10.0.0.0/8,home" },
    says: "MILLRACE_CONNECTION_EXEMPTIONS=10.0.0.0/8,home: allowed is a comma list of addresses and subnets",
  },
  {
    given: { MILLRACE_TRUSTED_PROXIES: "*" },
    says: "MILLRACE_TRUSTED_PROXIES=*: allowed is a comma list of addresses and subnets such as 10.0.0.0/8",
  },
  {
    given: { MILLRACE_ALLOWED_ORIGINS: "video.example.org" },
    says: "MILLRACE_ALLOWED_ORIGINS=video.example.org: allowed is a comma list of origins",
  },
  { given: { MILLRACE_TLS_CERT: "cert.pem" }, says: "MILLRACE_TLS_CERT, MILLRACE_TLS_KEY: set both or neither" },
  { given: { MILLRACE_PUBLISH: "everyone" }, says: "MILLRACE_PUBLISH=everyone: allowed is open, keys or webhook" },
  { given: { MILLRACE_LADER: "x" }, says: "MILLRACE_LADER: there is no such setting; did you mean MILLRACE_LADDER?" },
  { given: { MILLRACE_COLOUR: "" }, says: "MILLRACE_COLOUR: there is no such setting; npm start -- --help" },
];

for (const { given, says } of refused) {
  test(`refuses ${JSON.stringify(given)} in one line`, () => {
    const message = messageFor(given);
    expect(message).toContain(says);
    expect(message.split("\n")).toHaveLength(1);
  });
}

test("names every problem, a line each", () => {
  const message = messageFor({ MILLRACE_PORT: "x", MILLRACE_RECORD: "x", MILLRACE_NOPE: "x" });
  expect(message.split("\n").map((line) => line.split(/[=:]/)[0])).toEqual([
    "MILLRACE_PORT",
    "MILLRACE_RECORD",
    "MILLRACE_NOPE",
  ]);
});

test("a bad token is not shown", () => {
  const message = messageFor({ MILLRACE_ADMIN_TOKEN: "with space" });
  expect(message).toContain("MILLRACE_ADMIN_TOKEN=[secret]: allowed is visible ASCII characters without spaces");
  expect(message).not.toContain("with space");
});

test("the help names every setting with what is allowed and its default", () => {
  const help = describeSettings();
  for (const name of settingNames) expect(help).toContain(`  ${name}`);
  expect(help).toContain("Allowed: a whole number from 0 to 65535 (0 = any free port). Default: 8080.");
});

const folder = mkdtempSync(join(tmpdir(), "millrace-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("without .env the environment is all there is", () => {
  expect(loadEnvironment(join(folder, "nowhere")).PATH).toBe(process.env.PATH);
});

test(".env is read where it exists, and the environment wins over it", () => {
  writeFileSync(join(folder, ".env"), "MILLRACE_PORT=9000 # mine\nMILLRACE_HOST='::1'\nPATH=/nowhere\n");
  const environment = loadEnvironment(folder);
  expect(environment).toMatchObject({ MILLRACE_PORT: "9000", MILLRACE_HOST: "::1", PATH: process.env.PATH });
});

function messageFor(environment: Record<string, string>): string {
  try {
    parseSettings(environment);
  } catch (error) {
    return messageOf(error);
  }
  throw new Error("nothing was refused");
}

test("every encoder that Millrace can use can be asked for, and auto", () => {
  const asked = ["auto", ...ENCODERS].map((name) => parseSettings({ MILLRACE_ENCODER: name }).encoder);
  expect(asked).toEqual(["auto", ...ENCODERS]);
});

test("the command line asks for the help, or for nothing; what would be ignored stops the start", () => {
  expect([parseArguments([]), parseArguments(["--help"])]).toEqual(["serve", "help"]);
  for (const given of [["--port", "9000"], ["--help", "me"], [""]]) {
    expect(() => parseArguments(given)).toThrow(/there is no such argument; settings are environment variables/);
  }
});
