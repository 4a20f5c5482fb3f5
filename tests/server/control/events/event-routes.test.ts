import { expect, test } from "@jest/globals";
import { startTestApp } from "../../../helpers/app.ts";
import { clips } from "../../../helpers/clips.ts";
import { EventSource } from "../../../helpers/event-source.ts";
import { oneForAll } from "../../../helpers/lifetime.ts";
import { publishHttp } from "../../../helpers/publish.ts";

const clip = clips["H.264 and Opus in Matroska"](3);
const app = oneForAll(startTestApp);

test("the whole life of a broadcast is told in its order, and again to who comes back", async () => {
  using events = await EventSource.connect(app().url, "?channel=told");
  await publishHttp(app().url, "other", clip);
  const { body } = await publishHttp(app().url, "told", clip);
  const ready = await events.hears("recording.ready");
  expect(ready.broadcast).toBe((body as { id: string }).id);
  const types = events.heard.map(({ type }) => type);
  expect(types.toSorted()).toEqual(
    ["broadcast.ended", "broadcast.started", "channel.live", "recording.ready"]
      .concat(["rendition.available", "rendition.available"])
      .toSorted(),
  );
  expect(types[0]).toBe("broadcast.started");
  expect(events.heard.at(-2)).toMatchObject({
    type: "broadcast.ended",
    data: { reason: "finished", bytes: clip.byteLength },
  });

  using again = await EventSource.connect(
    app().url,
    "?channel=told&types=recording.ready,channel.live",
    events.heard[0]?.id,
  );
  await again.hears("recording.ready");
  expect(again.heard.map(({ type }) => type).toSorted()).toEqual(["channel.live", "recording.ready"]);
});

test("what is no type is refused by name", async () => {
  const response = await fetch(`${app().url}/api/v1/events?types=nonsense`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("broadcast.started");
});

test("where the API needs the token, events do", async () => {
  await using closed = await startTestApp({ MILLRACE_ADMIN_TOKEN: "operator" });
  expect((await fetch(`${closed.url}/api/v1/events`)).status).toBe(401);
  const headers = { authorization: "Bearer operator" };
  const response = await fetch(`${closed.url}/api/v1/events`, { headers });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  await response.body?.cancel();
});
