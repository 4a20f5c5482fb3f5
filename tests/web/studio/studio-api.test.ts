import { expect, test } from "@jest/globals";
import { studioApi } from "../../../web/studio/studio-api.ts";
import type { Answer } from "../../../web/ui/api.ts";
import { startTestApp } from "../../helpers/app.ts";
import { pageOf } from "../../helpers/browser-globals.ts";
import { oneForAll } from "../../helpers/lifetime.ts";

const TOKEN = "operator";
const app = oneForAll(() => startTestApp({ MILLRACE_ADMIN_TOKEN: TOKEN, MILLRACE_PUBLISH: "keys" }));
oneForAll(() => pageOf(app().url));
const api = studioApi((request) => request(TOKEN));

function got<T>(answer: Answer<T>): T {
  if (answer.kind === "ok") return answer.value;
  throw new Error(answer.kind === "refused" ? answer.text : answer.kind);
}

test("channels are made, changed, watched by link and deleted", async () => {
  const made = got(await api.create({ name: "cam", title: "Camera", ladder: "ORIGINAL" }));
  expect(made).toMatchObject({ name: "cam", title: "Camera", ladder: "ORIGINAL" });
  expect(await api.create({ name: "cam" })).toMatchObject({ kind: "refused", status: 409 });
  expect(got(await api.update("cam", { watch: "link" }))).toMatchObject({ watch: "link", title: "Camera" });
  expect(got(await api.settings("cam"))).toMatchObject({ watch: "link" });
  expect(got(await api.channels()).items.map(({ name }) => name)).toEqual(["cam"]);
  expect(got(await api.makeLink("cam", 60)).path).toContain("/watch/cam?token=");
  expect(await api.remove("cam")).toEqual({ kind: "ok", value: undefined });
  expect(await api.settings("cam")).toMatchObject({ kind: "refused", status: 404 });
});

test("keys are made, rotated and revoked", async () => {
  got(await api.create({ name: "keyed" }));
  const first = got(await api.makeKey("keyed", "camera 1"));
  const second = got(await api.rotateKey("keyed", first.id));
  expect(second.key).not.toBe(first.key);
  expect(got(await api.keys("keyed")).items).toMatchObject([{ id: second.id, label: "camera 1", usedAt: null }]);
  expect(await api.revokeKey("keyed", second.id)).toMatchObject({ kind: "ok" });
  expect(got(await api.keys("keyed")).items).toEqual([]);
});

test("web hooks are added, listed and deleted", async () => {
  const hook = got(await api.addHook({ url: "http://127.0.0.1:9/", types: ["channel.live"] }));
  expect(hook.secret).not.toBe("");
  expect(got(await api.hooks()).items).toMatchObject([{ id: hook.id, types: ["channel.live"] }]);
  expect(await api.deleteHook(hook.id)).toMatchObject({ kind: "ok" });
});

test("figures are there before anybody is live", async () => {
  expect(got(await api.setup()).publish).toBe("keys");
  expect(got(await api.server()).broadcasts).toBe(0);
  expect(got(await api.stats()).items).toEqual([]);
  expect(got(await api.sources()).items).toEqual([]);
  const nobody = "01a1ffa1-1217-728b-a281-f4a4add7fcbe";
  expect(got(await api.history(nobody, "2026-01-02T03:00:00.000Z")).items).toEqual([]);
  expect(got(await api.viewers(nobody)).items).toEqual([]);
  expect(await api.stop(nobody)).toMatchObject({ kind: "refused", status: 404 });
});

test("what is wrong is told in the server's words", async () => {
  const nobody = studioApi((request) => request(undefined));
  expect(await nobody.hooks()).toMatchObject({ status: 401, text: expect.stringMatching(/admin token/) });
  expect(await api.create({ name: "live" })).toMatchObject({ status: 400, text: expect.stringMatching(/reserved/) });
  const stop = new AbortController();
  stop.abort();
  expect(await studioApi((request) => request(TOKEN), stop.signal).hooks()).toEqual({ kind: "unreachable" });
});

test("a chat is set up, and an address banned from it and let in again", async () => {
  expect(got(await api.chat("cam"))).toEqual({ enabled: true, slowSeconds: 0, words: [] });
  const settings = { enabled: false, slowSeconds: 5, words: ["spam"] };
  expect(got(await api.setChat("cam", settings))).toEqual(settings);
  const { id } = got(await api.ban("cam", "203.0.113.7"));
  expect(await api.ban("cam", "somewhere")).toMatchObject({ kind: "refused", status: 400 });
  expect(got(await api.bans("cam")).items).toMatchObject([{ id, address: "203.0.113.*" }]);
  expect(await api.unban("cam", id)).toEqual({ kind: "ok", value: undefined });
});

test("a source is named, changed and removed, and is told without what is secret", async () => {
  const settings = { address: "rtsp://user:secret@127.0.0.1:1/door", start: "demand", stopAfterSeconds: 10 } as const;
  expect(got(await api.setSource("door", settings))).toMatchObject({
    location: "rtsp://127.0.0.1:1/door",
    isWhole: false,
  });
  const address = "rtsp://127.0.0.1:1/door";
  expect(got(await api.setSource("door", { ...settings, address }))).toMatchObject({ isWhole: true });
  expect(got(await api.sources()).items.map(({ name }) => name)).toEqual(["door"]);
  expect(await api.deleteSource("door")).toEqual({ kind: "ok", value: undefined });
  expect(await api.deleteSource("door")).toMatchObject({ kind: "refused", status: 404 });
});
