import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { v7 as uuidv7 } from "uuid";
import { EventLog } from "../../../../server/control/events/event-log.ts";
import { HookStore } from "../../../../server/control/hooks/hook-store.ts";
import { Hooks } from "../../../../server/control/hooks/hooks.ts";
import { MIGRATIONS } from "../../../../server/control/tables.ts";
import { Database } from "../../../../server/core/database.ts";
import { type NewEvent, type ServerEvent, serverEvent } from "../../../../server/protocol/events.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { listening } from "../../../helpers/listening.ts";
import { type TempFolder, tempFolder } from "../../../helpers/temp-folder.ts";

const RETRY_MS = [20, 40];

/** An application that fails, hangs and comes back as the test says; every try is noted. */
async function receiver() {
  const tries: { readonly event: ServerEvent; readonly text: string; readonly headers: Record<string, unknown> }[] = [];
  const taken: ServerEvent[] = [];
  const mood: { now: "takes" | "fails" | "hangs" | "cuts" } = { now: "takes" };
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    const event = serverEvent.parse(JSON.parse(text));
    tries.push({ event, text, headers: request.headers });
    if (mood.now === "takes") taken.push(event);
    if (mood.now === "cuts") response.destroy();
    else if (mood.now !== "hangs") response.writeHead(mood.now === "takes" ? 204 : 500).end();
  });
  const on = await listening(server);
  return { ...on, url: `http://127.0.0.1:${on.port}/hook`, tries, taken, mood };
}

let folder: TempFolder;
let db: Database;
let events: EventLog;
let hooks: Hooks;

function open(): void {
  db = new Database(join(folder.path, "x.db"), MIGRATIONS);
  events = new EventLog(db);
  hooks = new Hooks({ store: new HookStore(db), events, report: () => {}, retryMs: RETRY_MS });
}

async function close(): Promise<void> {
  await hooks[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
}

beforeEach(async () => {
  folder = await tempFolder();
  open();
});
afterEach(async () => {
  await close();
  await folder[Symbol.asyncDispose]();
});

const [one, two] = [uuidv7(), uuidv7()];
const started = (broadcast = one): NewEvent => ({
  type: "broadcast.started",
  channel: "cam",
  broadcast,
  data: { container: "webm" },
});
const live = (broadcast = one): NewEvent => ({ type: "channel.live", channel: "cam", broadcast, data: {} });
const ended = (broadcast = one): NewEvent => ({
  type: "broadcast.ended",
  channel: "cam",
  broadcast,
  data: { reason: "finished", bytes: 1 },
});

test("events are posted in order, and signed as Standard Webhooks says", async () => {
  await using on = await receiver();
  const { secret } = hooks.create({ url: on.url, types: [] });
  for (const event of [started(), live(), ended()]) events.emit(event);
  await eventually("all are taken", () => on.taken.length === 3);
  expect(on.taken.map(({ type }) => type)).toEqual(["broadcast.started", "channel.live", "broadcast.ended"]);
  for (const { text, headers } of on.tries) {
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
    const mac = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(signed);
    expect(headers["webhook-signature"]).toBe(`v1,${mac.digest("base64")}`);
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(10);
  }
  await eventually("nothing waits", () => hooks.list()[0]?.pending === 0);
});

test.each(["fails", "cuts"] as const)(
  "a receiver that %s is tried again until it takes them, in order",
  async (mood) => {
    await using on = await receiver();
    hooks.create({ url: on.url, types: [] });
    on.mood.now = mood;
    events.emit(started());
    await eventually("it is tried again", () => on.tries.length >= 3);
    expect(hooks.list()[0]).toMatchObject({ pending: 1, problem: expect.any(String), deliveredAt: null });
    events.emit(ended());
    on.mood.now = "takes";
    await eventually("both are taken", () => on.taken.length === 2);
    expect(on.taken.map(({ type }) => type)).toEqual(["broadcast.started", "broadcast.ended"]);
    await eventually("all is well", () => hooks.list()[0]?.problem === null);
  },
);

test("one broadcast's events do not wait for another's", async () => {
  await using on = await receiver();
  hooks.create({ url: on.url, types: [] });
  on.mood.now = "hangs";
  events.emit(started(one));
  await eventually("it hangs", () => on.tries.length === 1);
  on.mood.now = "takes";
  events.emit(started(two));
  await eventually("the other's is taken", () => on.taken.length === 1);
  expect(on.taken[0]?.broadcast).toBe(two);
});

test("what was not taken is delivered after a restart", async () => {
  await using on = await receiver();
  on.mood.now = "fails";
  hooks.create({ url: on.url, types: [] });
  events.emit(started());
  events.emit(ended());
  await eventually("it is tried", () => on.tries.length >= 1);
  await close();
  on.mood.now = "takes";
  open();
  await eventually("both are taken", () => on.taken.length === 2);
  expect(on.taken.map(({ type }) => type)).toEqual(["broadcast.started", "broadcast.ended"]);
});

test("what matters only while a broadcast is live is not tried again when it is over", async () => {
  await using on = await receiver();
  on.mood.now = "fails";
  hooks.create({ url: on.url, types: [] });
  events.emit(live());
  await eventually("it is tried", () => on.tries.length >= 2);
  events.emit(ended());
  await eventually("the end is tried", () => on.tries.some(({ event }) => event.type === "broadcast.ended"));
  on.mood.now = "takes";
  await eventually("the end is taken", () => on.taken.length === 1);
  expect(on.taken[0]?.type).toBe("broadcast.ended");
});

test("a receiver gets the types that it asked for, and nothing once it is deleted", async () => {
  await using on = await receiver();
  const { id } = hooks.create({ url: on.url, types: ["broadcast.ended"] });
  for (const event of [started(), ended()]) events.emit(event);
  await eventually("one is taken", () => on.taken.length === 1);
  await hooks.delete(id);
  events.emit(ended());
  expect(hooks.list()).toEqual([]);
  await expect(hooks.delete(id)).rejects.toMatchObject({ code: "not_found" });
  expect(on.tries.map(({ event }) => event.type)).toEqual(["broadcast.ended"]);
});
