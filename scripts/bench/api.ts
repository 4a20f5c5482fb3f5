import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../example/server-process.ts";
import { type Benchmark, numberOption, type Row, round } from "./report.ts";

/** So many requests are on their way at a time. */
const AT_ONCE = 16;
/** Channels that are there, so that lists are of a usual length. */
const CHANNELS = 50;

interface Call {
  readonly what: string;
  readonly method: string;
  readonly path: (index: number) => string;
  readonly body?: (index: number) => object;
}

const CALLS: readonly Call[] = [
  { what: "one channel", method: "GET", path: (index) => `/api/v1/channels/c${index % CHANNELS}` },
  { what: `${CHANNELS} channels`, method: "GET", path: () => "/api/v1/channels" },
  { what: "recordings (none)", method: "GET", path: () => "/api/v1/recordings" },
  { what: "statistics (nothing live)", method: "GET", path: () => "/api/v1/stats" },
  {
    what: "change a channel",
    method: "PATCH",
    path: (index) => `/api/v1/channels/c${index % CHANNELS}`,
    body: (index) => ({ title: `Title ${index}` }),
  },
  {
    what: "make a key",
    method: "POST",
    path: (index) => `/api/v1/channels/c${index % CHANNELS}/keys`,
    body: () => ({}),
  },
];

/** How many requests a second the API answers, next to a bare server that answers 300 bytes of JSON. */
export const api: Benchmark = {
  name: "api",
  about: "requests a second and milliseconds of the API, next to a bare node:http server (--requests 3000)",
  run: async (args) => {
    const requests = numberOption(args, "requests", 3_000);
    const dataDir = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    const server = await startServer({ MILLRACE_PORT: "0", MILLRACE_DATA_DIR: dataDir, MILLRACE_LOG_LEVEL: "warn" });
    const bare = createServer((_request, response) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify({ text: "x".repeat(280) }));
    }).listen(0, "127.0.0.1");
    try {
      await once(bare, "listening");
      const { port } = bare.address() as AddressInfo;
      for (let index = 0; index < CHANNELS; index++) await send(server.url, MAKE, index);
      const rows = [await measure(`http://127.0.0.1:${port}`, { ...CALL_BARE }, requests)];
      for (const call of CALLS) rows.push(await measure(server.url, call, requests));
      return rows;
    } finally {
      bare.closeAllConnections();
      bare.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

const CALL_BARE: Call = { what: "bare node:http", method: "GET", path: () => "/" };
const MAKE: Call = {
  what: "make a channel",
  method: "POST",
  path: () => "/api/v1/channels",
  body: (index) => ({ name: `c${index}` }),
};

async function measure(url: string, call: Call, requests: number): Promise<Row> {
  const took: number[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < requests; index = next++) {
      const began = performance.now();
      await send(url, call, index);
      took.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - began) / 1000;
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN, 2);
  return {
    what: call.what,
    "requests a second": round(requests / seconds, 0),
    "p50, ms": at(0.5),
    "p99, ms": at(0.99),
  };
}

async function send(url: string, { method, path, body }: Call, index: number): Promise<void> {
  const content =
    body === undefined ? {} : { body: JSON.stringify(body(index)), headers: { "content-type": "application/json" } };
  const response = await fetch(`${url}${path(index)}`, { method, ...content });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${method} ${path(index)}: ${response.status}`);
}
