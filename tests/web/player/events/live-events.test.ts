import { expect, test } from "@jest/globals";
import type { AnalysisEvent } from "../../../../server/protocol/analysis.ts";
import type { LiveServerMessage } from "../../../../server/protocol/live.ts";
import { LiveEvents } from "../../../../web/player/events/live-events.ts";
import { Marks } from "../../../../web/player/events/marks.ts";
import { browserGlobals } from "../../../helpers/browser-globals.ts";
import { eventually } from "../../../helpers/eventually.ts";

const event = (id: number): AnalysisEvent => ({
  id,
  type: "scene",
  shape: "point",
  startMs: id * 1000,
  durationMs: 0,
  at: "2026-01-02T03:04:05.000Z",
  data: {},
});
const tracks = (broadcast: string): LiveServerMessage => ({
  type: "tracks",
  broadcast,
  channel: "a",
  tracks: [],
  video: null,
  audio: null,
  clock: { mediaSeconds: 0, wallMs: 0 },
});

test("over the live socket events are heard, and what was before is asked for once a broadcast", async () => {
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    return Response.json({ items: [event(1)] });
  };
  using _globals = browserGlobals({ fetch });
  const marks = new Marks();
  const events = new LiveEvents({ address: "http://host/x", marks, isTold: () => true, hidden: () => false });
  const { signal } = new AbortController();
  events.hear(tracks("one"), signal);
  events.hear({ type: "event", event: event(2) }, signal);
  events.hear(tracks("one"), signal);
  await eventually("both are there", () => marks.marks.length === 2);
  expect(asked).toBe(1);
  events.hear(tracks("two"), signal);
  expect(marks.marks).toEqual([]);
  await eventually("it is asked again", () => asked === 2);
});

test("without the live socket they are asked for while the page is seen", async () => {
  const fetch = async () => Response.json({ items: [event(1)] });
  using _globals = browserGlobals({ fetch });
  const marks = new Marks();
  const events = new LiveEvents({ address: "http://host/x", marks, isTold: () => false, hidden: () => false });
  const stop = new AbortController();
  events.begin("one");
  const running = events.run(stop.signal);
  await eventually("they are there", () => marks.marks.length === 1);
  stop.abort();
  await running;
});
