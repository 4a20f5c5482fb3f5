import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { watchLink } from "../../../server/protocol/channels.ts";
import {
  type ChatClientMessage,
  chatBan,
  chatBanList,
  chatReplay,
  chatSettings,
} from "../../../server/protocol/chat.ts";
import { startTestApp } from "../../helpers/app.ts";
import { Chatter } from "../../helpers/chatter.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll } from "../../helpers/lifetime.ts";
import { finishedOn, readyOn } from "../../helpers/millrace.ts";
import { Operator } from "../../helpers/operator.ts";
import { SocketPublisher } from "../../helpers/publish.ts";

const TOKEN = "operator";
/** No address is shared here, so that the loopback network's many addresses can be limited and banned. */
const SETTINGS = {
  MILLRACE_ADMIN_TOKEN: TOKEN,
  MILLRACE_CONNECTION_EXEMPTIONS: "10.9.9.9",
  MILLRACE_CHAT_HISTORY: "3",
};

const app = oneForAll(() => startTestApp(SETTINGS));
const operator = () => new Operator(app().url, TOKEN);

/** Somebody at an address of its own. */
const from = (number: number) => ({ localAddress: `127.0.0.${number}` });

async function moderator(channel: string): Promise<Chatter> {
  const chatter = await Chatter.join(app().url, channel, undefined, from(200));
  await chatter.asks({ type: "moderate", token: TOKEN }, "moderator");
  await chatter.asks({ type: "name", name: "Operator" }, "named");
  return chatter;
}

describe("lines", () => {
  test("go to everybody who is there, the writer too, as the text that they are", async () => {
    const [ada, bob] = [await Chatter.join(app().url, "lines", "Ada"), await Chatter.join(app().url, "lines")];
    ada.writes("  <script>alert('hello')</script> \n second ");
    for (const each of [ada, bob]) {
      expect(await each.hears("line")).toMatchObject({
        name: "Ada",
        operator: false,
        text: "<script>alert('hello')</script> second",
      });
    }
    await Promise.all([ada.leave(), bob.leave()]);
  });

  test("are told to newcomers, the newest ones only, and a room without people is forgotten", async () => {
    const ada = await Chatter.join(app().url, "past", "Ada");
    for (const text of ["1", "2", "3", "4"]) ada.writes(text);
    await ada.hears("line", 4);
    const bob = await Chatter.join(app().url, "past");
    expect(bob.all("welcome")[0]?.history.map(({ text }) => text)).toEqual(["2", "3", "4"]);
    await Promise.all([ada.leave(), bob.leave()]);
    await eventually("the room is empty and forgotten", async () => {
      const carol = await Chatter.join(app().url, "past");
      const isEmpty = carol.all("welcome")[0]?.history.length === 0;
      await carol.leave();
      return isEmpty;
    });
  });

  test("of other channels are not heard", async () => {
    const [ada, bob] = [await Chatter.join(app().url, "here", "Ada"), await Chatter.join(app().url, "there", "Bob")];
    ada.writes("here");
    bob.writes("there");
    await Promise.all([ada.hears("line"), bob.hears("line")]);
    expect([ada.lines, bob.lines]).toEqual([["here"], ["there"]]);
    await Promise.all([ada.leave(), bob.leave()]);
  });
});

describe("names", () => {
  test("are needed to write, and one is one person's, however it is spelled", async () => {
    const [ada, bob] = [await Chatter.join(app().url, "names", "Ada Lovelace"), await Chatter.join(app().url, "names")];
    expect(await bob.asks({ type: "say", text: "hello" }, "refused")).toMatchObject({ what: "say", why: "no_name" });
    for (const name of ["ada lovelace", "АDА Lovelace", "Ａｄａ Ｌｏｖｅｌａｃｅ", "Adà Love1ace"]) {
      expect(await bob.asks({ type: "name", name }, "refused")).toMatchObject({ why: "name_taken" });
    }
    for (const name of ["", " ", "x".repeat(33), "a\u202eb", "a\u200bb", "a\u0000b"]) {
      expect(await bob.asks({ type: "name", name }, "refused")).toMatchObject({ why: "bad_name" });
    }
    expect(await bob.asks({ type: "name", name: "Moderator" }, "refused")).toMatchObject({ why: "name_taken" });
    await ada.leave();
    await eventually("the name is free", async () => {
      bob.say({ type: "name", name: "Ada Lovelace" });
      await bob.hears("refused").catch(() => {});
      return bob.all("named").length > 0;
    });
    await bob.leave();
  });

  test("can be had on two of one's own screens", async () => {
    const key = "a-secret-of-this-browser";
    const [one, two] = [await Chatter.join(app().url, "screens"), await Chatter.join(app().url, "screens")];
    await one.asks({ type: "name", name: "Ada", key }, "named");
    await two.asks({ type: "name", name: "Ada", key }, "named");
    await Promise.all([one.leave(), two.leave()]);
  });
});

describe("limits", () => {
  test("hold for one person, and coming back or another name is no way round", async () => {
    const key = "a-secret-of-this-browser";
    const ada = await Chatter.join(app().url, "fast", undefined, from(2));
    await ada.asks({ type: "name", name: "Ada", key }, "named");
    for (let n = 0; n < 7; n++) ada.writes(String(n));
    const refused = await ada.hears("refused");
    expect(refused).toMatchObject({ what: "say", why: "too_fast", waitSeconds: expect.any(Number) });
    expect(ada.lines.length).toBeLessThan(7);
    await ada.leave();
    const again = await Chatter.join(app().url, "fast", undefined, from(2));
    await again.asks({ type: "name", name: "Ada the second", key }, "named");
    for (let n = 0; n < 4; n++) again.writes(String(n));
    expect(await again.hears("refused")).toMatchObject({ why: "too_fast" });
    await again.leave();
  });

  test("hold for all who come from one address", async () => {
    const many = await Promise.all(
      ["A", "B", "C", "D", "E", "F"].map((n) => Chatter.join(app().url, "nat", n, from(3))),
    );
    for (const each of many) for (const text of ["1", "2", "3", "4"]) each.writes(text);
    await eventually("somebody is too fast", () => many.some((each) => each.all("refused").length > 0));
    const elsewhere = await Chatter.join(app().url, "nat", "G", from(4));
    elsewhere.writes("not me");
    await eventually("another address is heard", () => elsewhere.lines.includes("not me"));
    await Promise.all([...many, elsewhere].map((each) => each.leave()));
  });

  test("hold for what is written", async () => {
    const ada = await Chatter.join(app().url, "length", "Ada", from(5));
    for (const text of ["", "  \u202e ", "x".repeat(501)]) {
      expect(await ada.asks({ type: "say", text }, "refused")).toMatchObject({ why: "bad_text" });
    }
    ada.writes("👍🏽".repeat(250));
    expect((await ada.hears("line")).text).toBe("👍🏽".repeat(250));
    await ada.leave();
  });

  test("a flood, and what is no message, end the connection in words", async () => {
    const flood = await Chatter.join(app().url, "flood", undefined, from(6));
    for (let n = 0; n < 60; n++) flood.writes("x");
    expect(await flood.ended).toEqual({ code: 4429, reason: "too many messages" });
    for (const nonsense of [
      "{",
      "[]",
      '{"type":"fly"}',
      '{"type":"say"}',
      `{"type":"say","text":"${"x".repeat(40_000)}"}`,
    ]) {
      const chatter = await Chatter.join(app().url, "flood", undefined, from(6));
      chatter.socket.send(nonsense);
      expect((await chatter.ended).code).toBe(4400);
    }
    const binary = await Chatter.join(app().url, "flood", undefined, from(6));
    binary.socket.send(Buffer.from('{"type":"say","text":"x"}'));
    expect((await binary.ended).code).toBe(4400);
  });
});

describe("moderation", () => {
  test("is for who shows the operator's token", async () => {
    const ada = await Chatter.join(app().url, "rights", "Ada", from(7));
    ada.writes("mine");
    const { id } = await ada.hears("line");
    for (const message of [
      { type: "delete", id },
      { type: "timeout", id, seconds: 5 },
      { type: "ban", id },
      { type: "slow", seconds: 5 },
      { type: "words", words: ["x"] },
    ] satisfies ChatClientMessage[]) {
      expect(await ada.asks(message, "refused")).toMatchObject({ what: message.type, why: "not_allowed" });
    }
    expect(await ada.asks({ type: "moderate" }, "refused")).toMatchObject({ why: "not_allowed" });
    expect(await ada.asks({ type: "moderate", token: "wrong" }, "refused")).toMatchObject({ why: "not_allowed" });
    const operatorHere = await moderator("rights");
    operatorHere.writes("I may");
    expect(await ada.hears("line", 2)).toMatchObject({ name: "Operator", operator: true });
    await Promise.all([ada.leave(), operatorHere.leave()]);
  });

  test("takes lines back, lets people pause, and does it over the API too", async () => {
    const [ada, mod] = [await Chatter.join(app().url, "mod", "Ada", from(8)), await moderator("mod")];
    ada.writes("one");
    ada.writes("two");
    await mod.hears("line", 2);
    const [one = "", two = ""] = mod.all("line").map(({ id }) => id);
    await mod.asks({ type: "delete", id: one }, "done");
    expect((await ada.hears("deleted")).ids).toEqual([one]);
    expect((await operator().ask("DELETE", `/channels/mod/chat/messages/${two}`)).status).toBe(204);
    expect((await operator().ask("DELETE", `/channels/mod/chat/messages/${two}`)).status).toBe(404);
    expect((await ada.hears("deleted", 2)).ids).toEqual([two]);
    const late = await Chatter.join(app().url, "mod");
    expect(late.all("welcome")[0]?.history).toEqual([]);

    ada.writes("three");
    const three = await mod.hears("line", 3);
    await mod.asks({ type: "timeout", id: three.id, seconds: 60 }, "done");
    expect(await ada.asks({ type: "say", text: "still here" }, "refused")).toMatchObject({ why: "timed_out" });
    // Neither another name nor another address helps, as long as one of them is the same.
    await ada.asks({ type: "name", name: "Somebody" }, "named");
    expect(await ada.asks({ type: "say", text: "me again" }, "refused")).toMatchObject({ why: "timed_out" });
    const elsewhere = await Chatter.join(app().url, "mod", "ADA", from(9));
    expect(await elsewhere.asks({ type: "say", text: "me again" }, "refused")).toMatchObject({ why: "timed_out" });
    await Promise.all([ada, mod, late, elsewhere].map((each) => each.leave()));
  });

  test("bans an address, which stays banned over a restart until the ban is lifted", async () => {
    const [ada, mod] = [await Chatter.join(app().url, "bans", "Ada", from(10)), await moderator("bans")];
    ada.writes("rude");
    const { id } = await mod.hears("line");
    expect((await mod.asks({ type: "ban", id }, "done")).text).toContain("127.0.0.*");
    expect(await ada.ended).toEqual({ code: 4403, reason: "you are banned from this chat" });
    await mod.leave();
    await app().stop();
    await app().start();
    expect((await (await Chatter.connect(app().url, "bans", from(10))).ended).code).toBe(4403);
    const { items } = chatBanList.parse((await operator().ask("GET", "/channels/bans/chat/bans")).body);
    expect(items).toMatchObject([{ address: "127.0.0.*", name: "Ada" }]);
    expect(await readFile(join(app().dataDir, "millrace.db"), "latin1")).not.toContain("127.0.0.10");
    expect((await operator().ask("DELETE", `/channels/bans/chat/bans/${items[0]?.id}`)).status).toBe(204);
    await (await Chatter.join(app().url, "bans", undefined, from(10))).leave();
    const made = await operator().ask("POST", "/channels/bans/chat/bans", { address: "127.0.0.11" });
    expect([made.status, chatBan.parse(made.body).address]).toEqual([201, "127.0.0.*"]);
    expect((await (await Chatter.connect(app().url, "bans", from(11))).ended).code).toBe(4403);
    await (await Chatter.join(app().url, "other", undefined, from(11))).leave();
  });

  test("refuses to ban an address that many share", async () => {
    const answer = await operator().ask("POST", "/channels/bans/chat/bans", { address: "10.9.9.9" });
    expect(answer).toMatchObject({ status: 403, body: { detail: expect.stringContaining("time people out") } });
  });

  test("slows down, blocks words and switches off", async () => {
    const put = (body: object) => operator().ask("PUT", "/channels/setup/chat", body);
    const ada = await Chatter.join(app().url, "setup", "Ada", from(12));
    expect(chatSettings.parse((await put({ slowSeconds: 30, words: ["durian", "jack fruit"] })).body)).toEqual({
      enabled: true,
      slowSeconds: 30,
      words: ["durian", "jack fruit"],
    });
    expect((await ada.hears("slow")).slowSeconds).toBe(30);
    for (const text of ["a DURIAN!", "düriаn", "the jack-fruit"]) {
      expect(await ada.asks({ type: "say", text }, "refused")).toMatchObject({ why: "blocked_words" });
    }
    expect(await ada.asks({ type: "name", name: "Durian" }, "refused")).toMatchObject({ why: "blocked_words" });
    ada.writes("durians are many");
    await ada.hears("line");
    expect(await ada.asks({ type: "say", text: "again" }, "refused")).toMatchObject({ why: "too_fast" });
    await put({ enabled: false });
    expect((await ada.ended).code).toBe(4404);
    expect((await (await Chatter.connect(app().url, "setup", from(12))).ended).reason).toBe("this channel has no chat");
    expect((await put({ slowSeconds: -1 })).status).toBe(400);
    expect((await put({ wrods: [] })).status).toBe(400);
    expect((await new Operator(app().url).ask("GET", "/channels/setup/chat")).status).toBe(401);
  });
});

describe("the door", () => {
  const upgrade = (path: string, protocol?: string, headers = {}) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`${app().url.replace("http", "ws")}${path}`, protocol, { headers });
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
      socket.on("open", () => {
        socket.close();
        resolve(101);
      });
      socket.on("error", () => {});
    });

  test("is shut to another protocol, a bad name and pages of other sites", async () => {
    const chat = "millrace.chat.v1";
    expect(await upgrade("/live/door/chat")).toBe(400);
    expect(await upgrade("/live/door/chat", "millrace.live.v1")).toBe(400);
    expect(await upgrade("/live/a.b/chat", chat)).toBe(400);
    expect(await upgrade("/live/door/chat", chat, { origin: "https://elsewhere.example" })).toBe(403);
    expect(await upgrade("/live/door/chat", chat, { origin: app().url })).toBe(101);
  });

  test("opens with a link only where the channel wants one", async () => {
    await operator().ask("POST", "/channels", { name: "guests", watch: "link" });
    const { token } = watchLink.parse((await operator().ask("POST", "/channels/guests/links")).body);
    expect(await upgrade("/live/guests/chat", "millrace.chat.v1")).toBe(401);
    expect(await upgrade("/live/guests/~wrong/chat", "millrace.chat.v1")).toBe(401);
    await (await Chatter.join(app().url, `guests/~${token}`, "Ada")).leave();
  });

  test("is not there where the settings want no chat, and the rest works", async () => {
    await using without = await startTestApp({ MILLRACE_CHAT: "off" });
    const chatter = await Chatter.connect(without.url, "x");
    chatter.writes("hello");
    expect((await chatter.ended).code).toBe(4404);
    expect(chatter.heard).toEqual([]);
    expect((await new Operator(without.url).ask("GET", "/channels/x/chat")).status).toBe(404);
    expect((await new Operator(without.url).ask("GET", "/channels/x")).status).toBe(200);
  });
});

test("a broadcast's chat is kept with its recording, outlives a restart, and is replayed without what was taken back", async () => {
  await using server = await startTestApp({ MILLRACE_RESUME_SECONDS: "30", MILLRACE_PREVIEW_SECONDS: "0" });
  const clip = clips["H.264 and Opus in Matroska"](4);
  const publisher = await SocketPublisher.connect(server.url, "show");
  await publisher.send(clip, { seconds: 4 });
  await readyOn(server.url, "show");
  const ada = await Chatter.join(server.url, "show", "Ada");
  ada.writes("kept");
  ada.writes("gone");
  const gone = await ada.hears("line", 2);
  await ada.asks({ type: "moderate" }, "moderator");
  await ada.asks({ type: "delete", id: gone.id }, "done");
  await publisher.end();
  const { id, startedAt } = await finishedOn(server.url, "show");
  await ada.leave();
  const replay = async () => chatReplay.parse(await (await fetch(`${server.url}/recordings/${id}/chat.json`)).json());
  const before = await replay();
  expect(before).toMatchObject({ broadcast: id, items: [{ name: "Ada", text: "kept" }] });
  expect(before.items[0]?.seconds).toBeGreaterThan(3);
  expect(before.items[0]?.seconds).toBeLessThan(4.5);
  expect(before.items[0]?.at).toBeGreaterThan(Date.parse(startedAt));
  await server.stop();
  await server.start();
  expect(await replay()).toEqual(before);
  const here = new Operator(server.url);
  const path = `/recordings/${id}/chat/messages/${before.items[0]?.id}`;
  expect((await here.ask("DELETE", path)).status).toBe(204);
  expect((await here.ask("DELETE", path)).status).toBe(404);
  expect((await replay()).items).toEqual([]);
  expect((await fetch(`${server.url}/recordings/019a0000-0000-7000-8000-000000000000/chat.json`)).status).toBe(404);
});
