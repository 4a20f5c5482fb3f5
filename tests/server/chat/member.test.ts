import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { WebSocket, WebSocketServer } from "ws";
import { Addresses } from "../../../server/chat/addresses.ts";
import { Member } from "../../../server/chat/member.ts";
import { Room } from "../../../server/chat/room.ts";
import { Secret } from "../../../server/core/secret.ts";
import { PLAIN_CHAT } from "../../../server/protocol/chat.ts";
import { eventually } from "../../helpers/eventually.ts";

let server: WebSocketServer;
let url: string;
const addresses = new Addresses(new Secret("x"), []);
beforeAll(async () => {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

async function pair(): Promise<{ client: WebSocket; socket: WebSocket; member: Member }> {
  const connected = once(server, "connection");
  const client = new WebSocket(url);
  const [socket] = await connected;
  if (!(socket instanceof WebSocket)) throw new Error("no socket");
  return { client, socket, member: new Member(socket, addresses.caller("203.0.113.1")) };
}

test("who does not read is let go with a bounded queue, and the others hear everything", async () => {
  const [slow, quick] = [await pair(), await pair()];
  const room = new Room("room", PLAIN_CHAT);
  for (const { member } of [slow, quick]) room.members.add(member);
  let heard = 0;
  quick.client.on("message", () => heard++);
  slow.client.pause();
  const person = { ...quick.member.person, name: "Ada" };
  let said = 0;
  // As much as the system's own buffers take, and then some.
  await eventually("the slow one is let go", () => {
    for (let n = 0; n < 200 && slow.socket.readyState === WebSocket.OPEN; n++, said++)
      room.say(person, "x".repeat(4000));
    expect(slow.socket.bufferedAmount).toBeLessThan(300 * 1024);
    return slow.socket.readyState !== WebSocket.OPEN;
  });
  await eventually("the other has heard all", () => heard === said);
  const ended = once(slow.client, "close");
  slow.client.resume();
  expect((await ended)[0]).toBe(4408);
  expect(room.history(1000).length).toBe(500);
  quick.client.terminate();
}, 30_000);
