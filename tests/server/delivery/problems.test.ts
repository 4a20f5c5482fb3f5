import { expect, test } from "@jest/globals";
import Fastify from "fastify";
import { type ErrorCode, LiveError } from "../../../server/core/errors.ts";
import { installProblems, problemOptions } from "../../../server/delivery/problems.ts";

/** What a request is answered with that meets this failure, and how many lines of the log tell of it. */
async function meet(code: ErrorCode): Promise<[status: number, lines: number]> {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  await using app = Fastify({ ...problemOptions, logger: { level: "error", stream } });
  installProblems(app);
  app.get("/", () => Promise.reject(new LiveError(code, "words")));
  const { statusCode } = await app.inject("/");
  return [statusCode, lines.length];
}

test("a failure of the server's is in its log", async () => {
  expect(await meet("no_room")).toEqual([503, 1]);
});

test("what a client or the stop of the server caused is no error in the log", async () => {
  expect(await meet("bad_request")).toEqual([400, 0]);
  expect(await meet("restarting")).toEqual([503, 0]);
});
