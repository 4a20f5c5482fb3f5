import { afterEach, beforeEach, test } from "@jest/globals";
import { reportChannel } from "../../../web/capture/channel-report.ts";
import { browserGlobals, type Globals } from "../../helpers/browser-globals.ts";
import { eventually } from "../../helpers/eventually.ts";

const broadcast = {
  id: "01a1fe67-3e95-7675-af97-d917a1242729",
  channel: "demo",
  startedAt: "2026-01-01T00:00:00.000Z",
  state: "live",
  interruptedSince: null,
  failure: null,
  bytes: 1,
  ready: true,
  container: "webm",
  source: [],
  renditions: [],
  dropped: [],
  notices: [],
  analysis: null,
};
const channel = { name: "demo", title: "", description: "", watch: "open", refusal: null, live: true, onDemand: false };

let answer: () => Response;
let globals: Globals;
beforeEach(() => {
  globals = browserGlobals({ fetch: async () => answer() });
});
afterEach(() => globals[Symbol.dispose]());

/** What stands where the page says whether people can watch. */
function report() {
  const stop = new AbortController();
  const watchable = { textContent: "" };
  const notices = { children: [], replaceChildren: () => {} };
  const view = { watchable: watchable as HTMLElement, notices: notices as unknown as HTMLElement };
  reportChannel("demo", view, stop.signal);
  return { watchable, [Symbol.dispose]: () => stop.abort() };
}

test("a publisher is told whether people can watch, as long as the server says so", async () => {
  answer = () => Response.json({ ...channel, broadcast });
  using shown = report();
  await eventually("people can watch", () => shown.watchable.textContent === "People can watch now.");
  answer = () => {
    throw new TypeError("no connection");
  };
  await eventually("nothing is claimed of a server that is away", () => shown.watchable.textContent === "");
});

test("a publisher whose connection broke is told that the picture stands still", async () => {
  answer = () => Response.json({ ...channel, broadcast: { ...broadcast, state: "interrupted" } });
  using shown = report();
  await eventually("it says so", () => /stands still/.test(shown.watchable.textContent));
});
