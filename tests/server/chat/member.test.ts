import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { Room } from "../../../server/chat/room.ts";
import { PLAIN_CHAT } from "../../../server/protocol/chat.ts";
import { MemberServer } from "../../helpers/chat-member.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll } from "../../helpers/lifetime.ts";

const members = oneForAll(MemberServer.start);

test("who does not read is let go with a bounded queue, and the others hear everything", async () => {
  const [slow, quick] = [await members().connect("Slow"), await members().connect("Quick")];
  const room = new Room("room", PLAIN_CHAT);
  for (const { member } of [slow, quick]) room.members.add(member);
  slow.client.pause();
  let said = 0;
  // As much as the system's own buffers take, and then some; the quick one must keep up, so all wait for it.
  await eventually("the slow one is let go", async () => {
    for (let n = 0; n < 40; n++, said++) room.say(quick.member.person, "x".repeat(4000));
    expect(slow.socket.bufferedAmount).toBeLessThan(300 * 1024);
    await eventually("the quick one has heard all", () => quick.heard.length === said);
    return slow.socket.readyState !== WebSocket.OPEN;
  });
  const ended = once(slow.client, "close");
  slow.client.resume();
  expect((await ended)[0]).toBe(4408);
  expect(quick.socket.readyState).toBe(WebSocket.OPEN);
  expect(room.history(1000).length).toBe(500);
});
