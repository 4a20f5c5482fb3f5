import { describe, expect, test } from "@jest/globals";
import type { AdminRule } from "../../../server/control/admin.ts";
import { broadcastRoutes } from "../../../server/control/broadcast-routes.ts";
import { problem } from "../../../server/protocol/api.ts";
import { apiServer, OPEN_API, tokenRule } from "../../helpers/api.ts";

const LIVE = "018f0000-0000-7000-8000-000000000001";
const OTHER = "018f0000-0000-7000-8000-000000000002";

/** The real routes before a server on which one broadcast is live. */
async function operate(admin: AdminRule) {
  const stopped: string[] = [];
  const app = apiServer();
  await app.register(broadcastRoutes, {
    admin,
    liveIds: () => [LIVE],
    stop: async (id, why) => {
      if (id !== LIVE) return false;
      stopped.push(why);
      return true;
    },
  });
  const post = async (id: string, headers: Record<string, string> = {}, payload?: string) => {
    const how = { method: "POST", url: `/api/v1/broadcasts/${id}/stop`, headers } as const;
    const { statusCode, json, headers: answered } = await app.inject(payload === undefined ? how : { ...how, payload });
    return { status: statusCode, body: json(), headers: answered };
  };
  return { stopped, post, [Symbol.asyncDispose]: () => app.close() };
}

describe("on a loopback address without a token", () => {
  test("a broadcast is stopped with 202, whatever else is sent along", async () => {
    await using on = await operate(OPEN_API);
    expect(await on.post(LIVE)).toMatchObject({ status: 202, body: { id: LIVE } });
    expect(await on.post(LIVE, { "content-type": "application/json" })).toMatchObject({ status: 202 });
    expect(await on.post(LIVE, { "content-type": "text/odd" }, "whatever")).toMatchObject({ status: 202 });
    expect(on.stopped).toEqual(Array.from({ length: 3 }, () => "stopped by the operator"));
  });

  test("one that is not live is 404, and what is no id is 400, with problem details", async () => {
    await using on = await operate(OPEN_API);
    const missing = await on.post(OTHER);
    expect(problem.parse(missing.body)).toMatchObject({ status: 404, detail: `no broadcast ${OTHER} is live` });
    expect(problem.parse((await on.post("cam")).body).status).toBe(400);
    expect(on.stopped).toEqual([]);
  });

  test("all of them are stopped at once by a star", async () => {
    await using on = await operate(OPEN_API);
    expect(await on.post("*")).toMatchObject({ status: 202, body: { id: "*" } });
    expect(on.stopped).toEqual(["stopped by the operator"]);
  });
});

describe("with a token", () => {
  test("only who shows it is let in", async () => {
    await using on = await operate(tokenRule("correct-horse"));
    for (const authorization of ["", "Bearer", "Bearer wrong", "Basic correct-horse", "Bearer correct-horse2"]) {
      const { status, body, headers } = await on.post(LIVE, authorization === "" ? {} : { authorization });
      expect([status, problem.parse(body).detail]).toEqual([401, expect.stringContaining("send it as a bearer token")]);
      expect(headers["www-authenticate"]).toBe("Bearer");
    }
    // Who may not stop it is not told either whether it is there.
    expect((await on.post(OTHER)).status).toBe(401);
    expect(on.stopped).toEqual([]);
    expect(await on.post(LIVE, { authorization: "Bearer correct-horse" })).toMatchObject({ status: 202 });
    expect(await on.post(LIVE, { authorization: "bearer correct-horse" })).toMatchObject({ status: 202 });
  });
});

test("who guesses has to wait, whatever comes next", async () => {
  await using on = await operate(tokenRule("correct-horse"));
  const statuses: number[] = [];
  for (let count = 0; count < 11; count++) {
    statuses.push((await on.post(LIVE, { authorization: `Bearer ${count}` })).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  expect((await on.post(LIVE, { authorization: "Bearer correct-horse" })).status).toBe(429);
  expect(on.stopped).toEqual([]);
});
