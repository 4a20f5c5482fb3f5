import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { WebSocket as NodeWebSocket } from "ws";
import { Line, type LineOwner, type StartPulse } from "../../../web/capture/line.ts";
import { browserGlobals, type Globals } from "../../helpers/browser-globals.ts";
import { eventually } from "../../helpers/eventually.ts";
import { PublishServer } from "../../helpers/publish-server.ts";

let server: PublishServer;
let globals: Globals;
beforeEach(async () => {
  server = await PublishServer.start();
  // Node 20 has no WebSocket of its own; this one has the same face.
  globals = browserGlobals({ WebSocket: NodeWebSocket });
});
afterEach(async () => {
  jest.restoreAllMocks();
  globals[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** A line with a pulse by hand, and what it has told. */
function bench() {
  const told: string[] = [];
  let nowMs = 0;
  jest.spyOn(performance, "now").mockImplementation(() => nowMs);
  let pulse: Parameters<StartPulse>[0] | undefined;
  const owner: LineOwner = {
    address: () => `${server.url}/publish/demo`,
    awaited: () => (told.includes("ready") ? "answering" : "connecting"),
    onMessage: ({ type }) => void told.push(type),
    onClose: ({ code }) => void told.push(`closed with ${code}`),
    onSilence: () => void told.push("silence"),
  };
  const line = new Line(owner, (listener) => {
    pulse = listener;
    return () => void told.push("stopped");
  });
  const beat = (ms: number) => {
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs += 250;
      pulse?.onBeat();
    }
  };
  return { line, told, beat, wake: () => pulse?.onWake() };
}

const connections = (count: number) => eventually("it has connected", () => server.queries.length === count);

test("a line connects at once, and again only when it is told to, after a wait", async () => {
  const { line, told, beat } = bench();
  await eventually("it is ready", () => told.includes("ready"));
  server.cut();
  await eventually("it was closed", () => told.includes("closed with 1006"));
  beat(5_000);
  expect(server.queries).toHaveLength(1);
  line.retry();
  expect(line.connection).toBeUndefined();
  beat(250);
  await connections(2);
  line.close();
  expect(told.at(-1)).toBe("stopped");
});

test("does not wait any longer when the network is back", async () => {
  const { line, wake } = bench();
  for (let count = 1; count < 5; count++) {
    await connections(count);
    line.retry();
    wake();
  }
  await connections(5);
  line.close();
});

test("tells of silence: when nobody is there, and when nobody answers any more", async () => {
  server.isDeaf = true;
  const { line, told, beat, wake } = bench();
  await connections(1);
  beat(7_000);
  expect(told).toEqual([]);
  beat(2_000);
  expect(told).toContain("silence");
  server.isDeaf = false;
  line.retry();
  wake();
  await eventually("it is ready", () => told.includes("ready"));
  told.splice(0, told.length, "ready");
  wake();
  beat(3_000);
  expect(told).toEqual(["ready"]);
  beat(500);
  expect(told).toContain("silence");
  line.close();
});
