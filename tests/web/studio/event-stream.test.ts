import { expect, test } from "@jest/globals";
import type { ServerEvent } from "../../../server/protocol/events.ts";
import { followEvents } from "../../../web/studio/event-stream.ts";
import { startTestApp } from "../../helpers/app.ts";
import { pageOf } from "../../helpers/browser-globals.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { oneForAll } from "../../helpers/lifetime.ts";
import { publishHttp } from "../../helpers/publish.ts";

const TOKEN = "operator";
const app = oneForAll(() => startTestApp({ MILLRACE_ADMIN_TOKEN: TOKEN }));
oneForAll(() => pageOf(app().url));

test("tells what was before and what comes, each once, of one channel, to who has the token", async () => {
  const clip = clips["H.264 and Opus in Matroska"](2);
  const began = Date.now();
  await publishHttp(app().url, "before", clip);
  const heard: ServerEvent[] = [];
  const refused: ServerEvent[] = [];
  const stop = new AbortController();
  const common = { sinceMs: began - 60_000, signal: stop.signal };
  void followEvents({ ...common, token: () => TOKEN, channel: "now", onEvent: (event) => void heard.push(event) });
  void followEvents({ ...common, token: () => undefined, onEvent: (event) => void refused.push(event) });
  await publishHttp(app().url, "now", clip);
  await eventually("the end is told", () => heard.some(({ type }) => type === "recording.ready"));
  stop.abort();
  expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
  expect(new Set(heard.map(({ channel }) => channel))).toEqual(new Set(["now"]));
  expect(heard.map(({ type }) => type)).toContain("broadcast.started");
  expect(refused).toEqual([]);

  const late: ServerEvent[] = [];
  const again = new AbortController();
  const options = { ...common, signal: again.signal, token: () => TOKEN, channel: "before" };
  void followEvents({ ...options, onEvent: (event) => void late.push(event) });
  await eventually("the past is told", () => late.some(({ type }) => type === "broadcast.ended"));
  again.abort();
});
