import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import { type ErrorCode, LiveError } from "../../../server/core/errors.ts";
import { closeOf, closeSocket } from "../../../server/ingest/close.ts";
import { portOf } from "../../helpers/listening.ts";

/** Contract §4. */
const codes: readonly [ErrorCode, number][] = [
  ["bad_request", 4400],
  ["bad_key", 4401],
  ["forbidden", 4403],
  ["not_found", 4404],
  ["channel_busy", 4409],
  ["bad_container", 4415],
  ["too_many", 4429],
  ["no_room", 4503],
  ["restarting", 1012],
];

test.each(codes)("%s closes with %d, in its own words", (code, expected) => {
  expect(closeOf(new LiveError(code, "why"))).toEqual({ code: expected, reason: "why" });
});

test("a bug closes with 1011 and tells nothing of itself", () => {
  expect(closeOf(new TypeError("secret is undefined"))).toEqual({
    code: 1011,
    reason: "something went wrong in the server",
  });
});

test.each([
  ["short words", "short words"],
  ["x".repeat(200), "x".repeat(123)],
  ["é".repeat(200), "é".repeat(61)],
  ["😀".repeat(100), "😀".repeat(30)],
])("%s arrive as far as there is room, and never cut within a letter", async (reason, expected) => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", (socket) => closeSocket(socket, 4400, reason));
  const client = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
  const [code, told] = await once(client, "close");
  expect([code, String(told)]).toEqual([4400, expected]);
  await new Promise((resolve) => server.close(resolve));
});
