import { expect, test } from "@jest/globals";
import type { AdminRule } from "../../../server/control/admin.ts";
import { Watching } from "../../../server/control/permission/watching.ts";
import { recordingRoutes } from "../../../server/control/recording-routes.ts";
import { LiveError } from "../../../server/core/errors.ts";
import { clip, problem, type Recording, recording, recordingList } from "../../../server/protocol/api.ts";
import { PLAIN_CHANNEL } from "../../../server/protocol/channels.ts";
import { apiServer, OPEN_API, tokenRule } from "../../helpers/api.ts";
import { watchLinks } from "../../helpers/watch-links.ts";

const THERE = "018f0000-0000-7000-8000-000000000001";
const OTHER = "018f0000-0000-7000-8000-000000000002";
const known: Recording = {
  id: THERE,
  channel: "cam",
  startedAt: "2026-01-02T03:04:05.000Z",
  endedAt: "2026-01-02T03:05:05.000Z",
  durationMs: 60_000,
  bytes: 1_000,
  state: "finished",
};

const links = watchLinks("signing");

/** The real routes before a server with one recording, and what they asked of it. */
async function operate(admin: AdminRule = OPEN_API, watch: "open" | "link" = "open") {
  const asked: unknown[] = [];
  const app = apiServer();
  await app.register(recordingRoutes, {
    admin,
    watching: new Watching({ get: () => ({ ...PLAIN_CHANNEL, name: "cam", watch, createdAt: "" }) }, links),
    recordings: {
      list: async (channel) => {
        asked.push(channel);
        return [known];
      },
      find: async (id) => (id === THERE ? known : undefined),
      change: async (id, change) => {
        asked.push(change);
        return id === THERE ? { ...known, ...(change.title === null ? {} : { title: change.title }) } : undefined;
      },
      delete: async (id) => {
        if (asked.includes("written")) throw new LiveError("in_use", "the recording is still being written");
        return id === THERE;
      },
      clip: async (id, request) => {
        asked.push(request);
        const links = { watch: "/w", hls: "/h", dash: "/d", mp4: null };
        return id === THERE ? { ...known, id: OTHER, links } : undefined;
      },
    },
  });
  const send = async (method: "GET" | "PATCH" | "DELETE" | "POST", path: string, payload?: object, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const url = `/api/v1/recordings${path === "" || path.startsWith("?") ? path : `/${path}`}`;
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: answer.body === "" ? undefined : answer.json(), headers: answer.headers };
  };
  return { asked, send, [Symbol.asyncDispose]: () => app.close() };
}

test("the list has the contract's shape, of all channels or of one, and one recording has the same", async () => {
  await using on = await operate(tokenRule("correct-horse"));
  expect(recordingList.strict().parse((await on.send("GET", "")).body)).toEqual({ items: [known] });
  expect((await on.send("GET", "?channel=cam")).status).toBe(200);
  expect((await on.send("GET", "?channel=no%20name")).status).toBe(400);
  expect(on.asked).toEqual([undefined, "cam"]);
  expect(recording.strict().parse((await on.send("GET", THERE)).body)).toEqual(known);
});

test("those of a channel that is watched by link are told of to the operator, and to who has the link", async () => {
  await using on = await operate(tokenRule("correct-horse"), "link");
  expect((await on.send("GET", "")).body).toEqual({ items: [] });
  expect((await on.send("GET", "", undefined, "correct-horse")).body).toEqual({ items: [known] });
  expect((await on.send("GET", THERE)).status).toBe(401);
  expect((await on.send("GET", `${THERE}?token=${links.sign("cam", 60).token}`)).status).toBe(200);
  expect((await on.send("GET", THERE, undefined, "correct-horse")).status).toBe(200);
});

test("a recording gets a title, and loses it again", async () => {
  await using on = await operate();
  const named = await on.send("PATCH", THERE, { title: "  Harvest  " });
  expect([named.status, recording.strict().parse(named.body).title]).toEqual([200, "Harvest"]);
  const bare = await on.send("PATCH", THERE, { title: null });
  expect(recording.strict().parse(bare.body)).toEqual(known);
  expect(on.asked).toEqual([{ title: "Harvest" }, { title: null }]);
});

test("what cannot be a title is 400, and nothing else can be changed", async () => {
  await using on = await operate();
  for (const body of [{}, { title: "" }, { title: "  " }, { title: "x".repeat(201) }, { title: "a", state: "b" }, []]) {
    expect(problem.parse((await on.send("PATCH", THERE, body)).body).status).toBe(400);
  }
  expect(on.asked).toEqual([]);
});

test("a recording is deleted with 204; one that is being written is 409", async () => {
  await using on = await operate();
  expect(await on.send("DELETE", THERE)).toMatchObject({ status: 204, body: undefined });
  on.asked.push("written");
  const busy = problem.parse((await on.send("DELETE", THERE)).body);
  expect(busy).toMatchObject({ status: 409, detail: "the recording is still being written" });
});

test("a clip is 201, with its address and its links", async () => {
  await using on = await operate();
  const { status, body, headers } = await on.send("POST", `${THERE}/clips`, { fromMs: 1_000, toMs: 2_500.5 });
  expect([status, headers.location]).toEqual([201, `/api/v1/recordings/${OTHER}`]);
  expect(clip.parse(body).links.mp4).toBeNull();
  expect(on.asked).toEqual([{ fromMs: 1_000, toMs: 2_500.5 }]);
});

test.each([
  {},
  { fromMs: 5, toMs: 5 },
  { fromMs: 5, toMs: 4 },
  { fromMs: -1, toMs: 4 },
  { fromMs: "1", toMs: 4 },
  { fromMs: 1 },
])("no clip is made of %j", async (body) => {
  await using on = await operate();
  expect(problem.parse((await on.send("POST", `${THERE}/clips`, body)).body).status).toBe(400);
  expect(on.asked).toEqual([]);
});

test("what is not there is 404, and what is no id 400, in words", async () => {
  await using on = await operate();
  for (const [id, status] of [
    [OTHER, 404],
    ["cam", 400],
  ] as const) {
    for (const answer of [
      await on.send("GET", id),
      await on.send("PATCH", id, { title: "a" }),
      await on.send("DELETE", id),
      await on.send("POST", `${id}/clips`, { fromMs: 0, toMs: 1 }),
    ]) {
      expect(problem.parse(answer.body).status).toBe(status);
    }
  }
});

test("without the token nothing is said of what is there", async () => {
  await using on = await operate(tokenRule("correct-horse"));
  expect((await on.send("DELETE", OTHER)).status).toBe(401);
  expect((await on.send("PATCH", THERE, { title: "a" }, "wrong")).status).toBe(401);
  expect((await on.send("POST", `${THERE}/clips`, { fromMs: 0, toMs: 1 })).status).toBe(401);
  expect((await on.send("DELETE", THERE, undefined, "correct-horse")).status).toBe(204);
});
