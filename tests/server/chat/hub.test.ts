import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { Addresses } from "../../../server/chat/addresses.ts";
import { readChat } from "../../../server/chat/chat-file.ts";
import { ChatStore } from "../../../server/chat/chat-store.ts";
import { answer } from "../../../server/chat/conversation.ts";
import { ChatHub } from "../../../server/chat/hub.ts";
import { MIGRATIONS } from "../../../server/control/tables.ts";
import { Database } from "../../../server/core/database.ts";
import { Secret } from "../../../server/core/secret.ts";
import { chatClientMessage } from "../../../server/protocol/chat.ts";
import { MemberServer } from "../../helpers/chat-member.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll } from "../../helpers/lifetime.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

const members = oneForAll(MemberServer.start);
let folder: TempFolder;
let db: Database;
let hub: ChatHub;
const addresses = new Addresses(new Secret("x"), []);

beforeEach(async () => {
  folder = await tempFolder();
  db = new Database(join(folder.path, "x.db"), MIGRATIONS);
  hub = newHub();
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function newHub(): ChatHub {
  const store = new ChatStore(db);
  const find = async () => ({ folder: folder.path, origin: undefined, startedMs: 0 });
  return new ChatHub({ history: 2, maxPeople: 3, store, addresses, find, report: () => {} });
}

async function kept(): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of readChat(folder.path)) texts.push(text);
  return texts;
}

test("a room lives as long as somebody is there or a broadcast is live", async () => {
  const ada = await members().connect("Ada");
  const id = uuidv7();
  const room = hub.enter("show", ada.member);
  await hub.begin({ id, channel: "show", folder: undefined });
  hub.leave(room, ada.member);
  expect(hub.size).toBe(1);
  await hub.end("show", id);
  expect(hub.size).toBe(0);
});

test("a broadcast that goes on in another life of the server has its newest lines again, and its kept chat goes on", async () => {
  const id = uuidv7();
  const ada = await members().connect("Ada");
  await hub.begin({ id, channel: "show", folder: folder.path });
  const room = hub.enter("show", ada.member);
  for (const text of ["1", "2", "3"]) room.say(ada.member.person, text);
  await hub[Symbol.asyncDispose]();
  // The next life begins behind a line that a crash tore off.
  await appendFile(join(folder.path, "chat.jsonl"), '{"id":"torn');

  hub = newHub();
  await hub.begin({ id, channel: "show", folder: folder.path });
  const bob = await members().connect("Bob");
  const again = hub.enter("show", bob.member);
  expect(again.history(9).map(({ text }) => text)).toEqual(["2", "3"]);
  const [line] = again.history(1);
  // Who wrote it is not known any more, but it can be taken back.
  expect(() => hub.timeOut("show", line?.id ?? "", 5)).toThrow("no line");
  hub.delete("show", line?.id ?? "");
  again.say(bob.member.person, "4");
  await hub.end("show", id);
  expect(await kept()).toEqual(["1", "2", "4"]);
});

test("a line that nobody here remembers is taken back from what is kept, live or not", async () => {
  const id = uuidv7();
  const ada = await members().connect("Ada");
  await hub.begin({ id, channel: "show", folder: folder.path });
  const room = hub.enter("show", ada.member);
  for (const text of ["1", "2", "3"]) room.say(ada.member.person, text);
  const [first = "", second = ""] = room.history(2).map((line) => line.id);
  await hub[Symbol.asyncDispose]();
  hub = newHub();
  await hub.deleteKept(id, first);
  expect(await kept()).toEqual(["1", "3"]);
  expect(await readFile(join(folder.path, "chat.jsonl"), "utf8")).not.toContain(first);
  await hub.begin({ id, channel: "show", folder: folder.path });
  await hub.deleteKept(id, second);
  await hub.end("show", id);
  expect(await kept()).toEqual(["1"]);
  await expect(hub.deleteKept(id, second)).rejects.toThrow("no line");
});

test("a full chat takes nobody in, and has room when somebody leaves", async () => {
  const [first, second] = [await members().connect("A"), await members().connect("B")];
  const [third, fourth] = [await members().connect("C"), await members().connect("D")];
  const room = hub.enter("x", first.member);
  for (const { member } of [second, third]) hub.enter("x", member);
  expect(hub.refusal("x", fourth.member)).toBe("full");
  hub.leave(room, first.member);
  expect(hub.refusal("x", fourth.member)).toBeUndefined();
  await eventually("all were welcome", () => [first, second, third].every(({ heard }) => heard[0]?.type === "welcome"));
});

test("nothing that anybody says, moderator or not, ends in anything but an answer", async () => {
  const ada = await members().connect("Ada");
  const room = hub.enter("noise", ada.member);
  const conversation = { hub, room, member: ada.member, mayModerate: (token?: string) => token === "yes" };
  const text = fc.string({ unit: "binary", maxLength: 40 });
  const id = fc.oneof(fc.uuid({ version: 7 }), fc.constant("known"));
  const message = fc.oneof(
    fc.record({ type: fc.constant("name"), name: text }),
    fc.record({ type: fc.constant("say"), text }),
    fc.record({ type: fc.constant("moderate"), token: fc.constantFrom("yes", "no") }),
    fc.record({
      type: fc.constantFrom("delete", "ban", "timeout"),
      id,
      seconds: fc.integer({ min: -1, max: 100_000 }),
    }),
    fc.record({ type: fc.constant("slow"), seconds: fc.integer({ min: -1, max: 4_000 }) }),
    fc.record({ type: fc.constant("words"), words: fc.array(text, { maxLength: 4 }) }),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      for (const each of messages) {
        const known = room.history(1)[0]?.id ?? uuidv7();
        const parsed = chatClientMessage.safeParse(
          JSON.parse(JSON.stringify(each).replaceAll('"known"', `"${known}"`)),
        );
        if (parsed.success) answer(conversation, parsed.data);
      }
    }),
  );
  hub.leave(room, ada.member);
});
