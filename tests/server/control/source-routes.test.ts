import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { AdminRule } from "../../../server/control/admin.ts";
import { sourceRoutes } from "../../../server/control/source-routes.ts";
import { NamedSources } from "../../../server/ingest/sources/named-sources.ts";
import { SourceStore } from "../../../server/ingest/sources/source-store.ts";
import type { Sources } from "../../../server/ingest/sources/sources.ts";
import { problem } from "../../../server/protocol/api.ts";
import { source, sourceList } from "../../../server/protocol/sources.ts";
import { apiServer, OPEN_API, tokenRule } from "../../helpers/api.ts";
import { type SourcesOn, settingsOf, sourcesOn } from "../../helpers/sources.ts";

const fixed = { lobby: settingsOf({ file: "lobby.mp4", start: "demand" }) };

const startNamed = (sources: Sources, folder: string) =>
  NamedSources.start(sources, {
    store: new SourceStore(join(folder, "sources.json")),
    fromFile: fixed,
    report: () => {},
  });

/** The real routes before real sources; nothing of them can be found. */
async function operate(on: SourcesOn, admin: AdminRule = OPEN_API) {
  const named = await startNamed(on.sources, on.folder);
  const app = apiServer();
  await app.register(sourceRoutes, { admin, sources: named });
  return async (method: "GET" | "PUT" | "DELETE", path = "", body?: object, headers: Record<string, string> = {}) => {
    const payload = body === undefined ? {} : { payload: body };
    const answer = await app.inject({ method, url: `/api/v1/sources${path}`, headers, ...payload });
    return { status: answer.statusCode, body: answer.body === "" ? undefined : (answer.json() as unknown) };
  };
}

test("what is named over the API runs at once, is told of without what is secret, and is kept for its own user", async () => {
  await using on = await sourcesOn();
  const ask = await operate(on);
  const camera = { address: "rtsp://user:secret@127.0.0.1:1/cam?key=secret", start: "demand", record: true };
  const { status, body } = await ask("PUT", "/camera", camera);
  expect([status, source.parse(body)]).toEqual([
    200,
    expect.objectContaining({ name: "camera", from: "api", kind: "rtsp", location: "rtsp://127.0.0.1:1/cam" }),
  ]);
  const list = await ask("GET");
  expect(
    sourceList
      .strict()
      .parse(list.body)
      .items.map(({ name, from }) => [name, from]),
  ).toEqual([
    ["camera", "api"],
    ["lobby", "config"],
  ]);
  expect(JSON.stringify(list.body)).not.toContain("secret");
  expect((await ask("GET", "/camera")).body).toEqual(body);
  const file = join(on.folder, "sources.json");
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ camera: { ...camera, stopAfterSeconds: 10 } });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("what was named over the API is there after the next start; what is deleted is not", async () => {
  await using on = await sourcesOn();
  const ask = await operate(on);
  await ask("PUT", "/a", { file: "a.mp4", start: "demand" });
  await ask("PUT", "/b", { file: "b.mp4", start: "demand" });
  expect(await ask("DELETE", "/a")).toEqual({ status: 204, body: undefined });
  expect((await ask("DELETE", "/a")).status).toBe(404);
  expect((await ask("GET", "/a")).status).toBe(404);
  await on.sources[Symbol.asyncDispose]();
  await using later = await sourcesOn();
  await mkdir(later.folder, { recursive: true });
  const named = await startNamed(later.sources, on.folder);
  expect(named.list.map(({ name }) => name)).toEqual(["b", "lobby"]);
});

test("what stands in the file is changed only there", async () => {
  await using on = await sourcesOn();
  const ask = await operate(on);
  for (const [method, body] of [
    ["PUT", { file: "x.mp4" }],
    ["DELETE", undefined],
  ] as const) {
    const answer = await ask(method, "/lobby", body);
    expect(problem.parse(answer.body)).toMatchObject({
      status: 403,
      detail: "the source lobby stands in millrace.config.json: change it there",
    });
  }
});

test.each([
  [{}, "camera: allowed is exactly one of file, folder and address"],
  [{ file: "a.mp4", folder: "b" }, "camera: allowed is exactly one of"],
  [{ address: "file:///etc/passwd" }, "camera.address: allowed is an rtsp, rtsps, rtmp, rtmps or srt address"],
  [{ file: "a.mp4", adress: "x" }, "camera: there is no adress here"],
  [{ file: "a.mp4", stopAfterSeconds: 0 }, "camera.stopAfterSeconds: "],
])("a body of %j is refused with 400 and words", async (body, words) => {
  await using on = await sourcesOn();
  const ask = await operate(on);
  const answer = await ask("PUT", "/camera", body);
  expect(problem.parse(answer.body)).toMatchObject({ status: 400, detail: expect.stringContaining(words) });
  expect((await ask("PUT", "/live", { file: "a.mp4" })).status).toBe(400);
});

test("nobody but an administrator may name a source, change it or see it", async () => {
  await using on = await sourcesOn();
  const ask = await operate(on, tokenRule("correct-horse"));
  for (const headers of [{}, { authorization: "Bearer wrong" }]) {
    for (const method of ["GET", "PUT", "DELETE"] as const) {
      expect((await ask(method, "/a", method === "PUT" ? { file: "a.mp4" } : undefined, headers)).status).toBe(401);
    }
    expect((await ask("GET", "", undefined, headers)).status).toBe(401);
  }
  const shown = { authorization: "Bearer correct-horse" };
  expect((await ask("PUT", "/a", { file: "a.mp4", start: "demand" }, shown)).status).toBe(200);
});
