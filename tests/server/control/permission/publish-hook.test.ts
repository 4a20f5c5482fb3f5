import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, test } from "@jest/globals";
import { askToPublish } from "../../../../server/control/permission/publish-hook.ts";
import { Secret } from "../../../../server/core/secret.ts";
import { listening } from "../../../helpers/listening.ts";

interface Asked {
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** An operator's application that answers as `answer` says. */
async function application(answer: (response: ServerResponse) => void) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString()) });
    answer(response);
  });
  const on = await listening(server);
  return {
    ...on,
    asked,
    ask: (timeoutMs = 5_000) =>
      askToPublish(
        { url: `http://127.0.0.1:${on.port}/may`, authorization: new Secret("Basic dTpw"), timeoutMs },
        { channel: "cam", key: "k+/=", address: "192.0.2.1" },
      ),
  };
}

test("the application is told who asks, and its answer says how the broadcast shall be", async () => {
  await using on = await application((response) =>
    response
      .setHeader("content-type", "application/json")
      .end(`{"record":false,"ladder":"640x360~500","previews":true}`),
  );
  expect(await on.ask()).toEqual({ record: false, ladder: "640x360~500", previews: true });
  expect(on.asked).toEqual([
    {
      headers: expect.objectContaining({
        authorization: "Basic dTpw",
        "x-streaming-channel": "cam",
        "x-streaming-key": "k+/=",
        "x-user-ip": "192.0.2.1",
      }),
      body: { channel: "cam", key: "k+/=", address: "192.0.2.1" },
    },
  ]);
});

test("an answer in headers does as well, and so does none", async () => {
  await using inHeaders = await application((response) =>
    response
      .setHeader("x-record", "true")
      .setHeader("x-previews", "false")
      .setHeader("x-resolutions", "ORIGINAL")
      .end(),
  );
  expect(await inHeaders.ask()).toEqual({ record: true, previews: false, ladder: "ORIGINAL" });
  await using plain = await application((response) => response.end("OK"));
  expect(await plain.ask()).toEqual({});
});

test.each([
  ["another status", (response: ServerResponse) => response.writeHead(403).end(), "not allowed"],
  ["a redirect", (response: ServerResponse) => response.writeHead(302, { location: "/" }).end(), "did not answer"],
  ["silence", () => {}, "did not answer"],
  ["a connection that breaks off", (response: ServerResponse) => response.destroy(), "did not answer"],
  ["far too much", (response: ServerResponse) => response.end("x".repeat(100_000)), "did not answer"],
  [
    "an answer that makes no sense",
    (response: ServerResponse) => response.setHeader("content-type", "application/json").end(`{"ladder":"huge"}`),
    "did not answer",
  ],
])("%s is a refusal", async (_what, answer, words) => {
  await using on = await application(answer);
  await expect(on.ask(300)).rejects.toMatchObject({ code: "bad_key", message: expect.stringContaining(words) });
});
