import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import Fastify, { type FastifyInstance } from "fastify";
import { problemOptions } from "../../../server/delivery/problems.ts";
import { answerUnparsed } from "../../../server/delivery/unparsed.ts";
import { problem } from "../../../server/protocol/api.ts";

let app: FastifyInstance;
let port: number;
beforeAll(async () => {
  app = Fastify({
    ...problemOptions,
    forceCloseConnections: true,
    http: { maxHeaderSize: 2_048 },
    clientErrorHandler: answerUnparsed,
  });
  app.get("/", async () => "read");
  port = Number(new URL(await app.listen({ host: "127.0.0.1", port: 0 })).port);
});
afterAll(() => app.close());

/** Everything that is answered to some bytes, until the server closes. */
async function say(text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    answer += piece;
  });
  socket.write(text);
  await once(socket, "close");
  return answer;
}

function bodyOf(answer: string) {
  return problem.parse(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)));
}

describe("what is no request that can be read", () => {
  test("because of its large header is answered with 431, which names the limit", async () => {
    const answer = await say(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${"x".repeat(3_000)}\r\n\r\n`);
    expect(answer).toMatch(
      /^HTTP\/1\.1 431 Request Header Fields Too Large\r\nContent-Type: application\/problem\+json/,
    );
    expect(bodyOf(answer)).toMatchObject({ status: 431, detail: expect.stringContaining("MILLRACE_MAX_HEADER_BYTES") });
  });

  test("because it is something else is answered with 400", async () => {
    const answer = await say("\x16\x03\x01\x02 this is TLS, or worse\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(bodyOf(answer)).toMatchObject({ status: 400, detail: "this is no HTTP request" });
  });
});

test("a header just below the limit is taken", async () => {
  const answer = await say(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ${"x".repeat(1_800)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
});
