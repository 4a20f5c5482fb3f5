import { expect, test } from "@jest/globals";
import { CHAT_SUBPROTOCOL, type ChatServerMessage } from "../../../server/protocol/chat.ts";
import { ChatLink } from "../../../web/chat/chat-link.ts";
import { startTestApp } from "../../helpers/app.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll } from "../../helpers/lifetime.ts";
import { Operator } from "../../helpers/operator.ts";
import { openNodeWire } from "../../helpers/wire.ts";

const app = oneForAll(startTestApp);

/** The page's link to a room of the real server, and all that it tells. */
function linkTo(channel: string) {
  const heard: ChatServerMessage[] = [];
  const lost: (string | undefined)[] = [];
  const leaving = new AbortController();
  let none = 0;
  const link = new ChatLink({
    url: `/live/${channel}/chat`,
    // The server has another port each time that it is started.
    openWire: (path, report) => openNodeWire(`${app().url.replace("http", "ws")}${path}`, CHAT_SUBPROTOCOL, report),
    waitMs: () => 10,
    report: {
      onMessage: (message) => heard.push(message),
      onLost: (text) => lost.push(text),
      onNone: () => {
        none += 1;
      },
    },
  });
  link.start(leaving.signal);
  const welcomes = () => heard.filter(({ type }) => type === "welcome").length;
  return { link, heard, lost, leaving, welcomes, none: () => none };
}

test("a page that lost its server comes back to it by itself, and says nothing into the void", async () => {
  const { link, lost, leaving, welcomes } = linkTo("back");
  await eventually("it is in", () => welcomes() === 1);
  expect(link.send({ type: "name", name: "Ada" })).toBe(true);
  await app().stop();
  await eventually("it knows", () => lost.length > 0);
  expect(lost[0]).toBeUndefined();
  expect(link.send({ type: "say", text: "hello?" })).toBe(false);
  await app().start();
  await eventually("it is in again", () => welcomes() === 2);
  leaving.abort();
  expect(link.send({ type: "say", text: "hello?" })).toBe(false);
});

test("a channel without a chat is not asked again", async () => {
  await new Operator(app().url).ask("PUT", "/channels/none/chat", { enabled: false });
  const { none, welcomes, leaving } = linkTo("none");
  await eventually("it is told", () => none() === 1);
  expect(welcomes()).toBe(0);
  leaving.abort();
});
