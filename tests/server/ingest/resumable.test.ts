import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { ResumablePublisher, rawConnection } from "../../../scripts/publish/resumable-publisher.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type IngestServer, ingestServer } from "../../helpers/ingest-server.ts";
import { publishHttp } from "../../helpers/publish.ts";
import { tinyCluster, tinyWebm } from "../../helpers/tiny-webm.ts";

const stream = tinyWebm();

function archive(on: IngestServer, broadcast: string): Promise<Buffer> {
  return readFile(on.pathOf(broadcast, "source"));
}

describe("a second connection", () => {
  test("that shows the token takes over from one that still seems to be there", async () => {
    await using on = await ingestServer();
    const first = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await first.ready();
    first.socket.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    const second = await rawConnection(on.url, "channel", `?broadcast=${broadcast}&resume=${resume}`);
    expect(await second.ready()).toEqual({ type: "ready", broadcast, resume, offset: stream.byteLength });
    first.socket.send(tinyCluster(90));
    expect(await first.ended).toEqual({ code: 4409, reason: "another connection of this publisher has taken over" });
    second.socket.send(tinyCluster(4));
    second.socket.send('{"type":"end"}');
    expect((await second.ended).code).toBe(1000);
    expect((await archive(on, broadcast)).equals(tinyWebm(4))).toBe(true);
    expect(on.begun[0]?.notices).toEqual([]);
  });

  test("without the token is refused, whatever it shows, and in the same words", async () => {
    await using on = await ingestServer();
    const first = new ResumablePublisher(on.url, "channel");
    first.send(stream);
    await first.allAcknowledged();
    const other = new ResumablePublisher(on.url, "other");
    other.send(stream);
    await other.allAcknowledged();
    const { broadcast, token } = first;
    const near = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    const attempts: [channel: string, query: string][] = [
      ["channel", `broadcast=${broadcast}&resume=${near}`],
      ["channel", `broadcast=${broadcast}&resume=`],
      ["channel", `broadcast=${broadcast}&resume=${other.token}`],
      ["channel", `broadcast=${other.broadcast}&resume=${token}`],
      ["other", `broadcast=${broadcast}&resume=${token}`],
      ["empty", `broadcast=${broadcast}&resume=${token}`],
    ];
    for (const [channel, query] of attempts) {
      const attempt = await rawConnection(on.url, channel, `?${query}`);
      expect(await attempt.ended).toEqual({ code: 4404, reason: "there is nothing to resume" });
    }
    expect(first.isReady).toBe(true);
    first.send(tinyCluster(4));
    await first.end();
    expect((await archive(on, broadcast)).equals(tinyWebm(4))).toBe(true);
    await other.end();
  });

  test("for a channel that is live is told so, also by other ways in and while the publisher is away", async () => {
    await using on = await ingestServer();
    const first = new ResumablePublisher(on.url, "channel");
    first.send(stream);
    await first.allAcknowledged();
    const busy = { code: 4409, reason: "the channel channel is already live" };
    expect(await (await rawConnection(on.url, "channel")).ended).toEqual(busy);
    first.url = "http://127.0.0.1:9";
    first.drop();
    await eventually("it is missed", () => on.begun[0]?.interruptedMs !== undefined);
    expect(await (await rawConnection(on.url, "channel")).ended).toEqual(busy);
    expect((await publishHttp(on.url, "channel", stream)).status).toBe(409);
    first.url = on.url;
    await first.end();
  });
});

describe("a publisher that does not come back", () => {
  test("is waited for as long as the setting says; then the broadcast ends as interrupted", async () => {
    await using on = await ingestServer({ resumeMs: 150 });
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    connection.socket.terminate();
    expect(await on.begun[0]?.ended).toEqual({ reason: "interrupted" });
    expect((await archive(on, broadcast)).equals(stream)).toBe(true);
    const late = await rawConnection(on.url, "channel", `?broadcast=${broadcast}&resume=${resume}`);
    expect((await late.ended).code).toBe(4404);
    expect((await readFile(on.pathOf(broadcast, "index"), "utf8")).includes("end ")).toBe(false);
    const next = new ResumablePublisher(on.url, "channel");
    next.send(stream);
    expect((await next.end()).code).toBe(1000);
  });

  test("and never sent anything leaves the channel free at once", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.terminate();
    await eventually("the channel is free", () =>
      on.registry.check("channel").then(
        () => true,
        () => false,
      ),
    );
    const late = await rawConnection(on.url, "channel", `?broadcast=${broadcast}&resume=${resume}`);
    expect((await late.ended).code).toBe(4404);
  });

  test("because its end was not answered in time is answered when it asks again", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.send(stream);
    connection.socket.send('{"type":"end"}', () => connection.socket.terminate());
    await eventually("it has ended", () => on.begun[0]?.log.ended === true);
    const again = await rawConnection(on.url, "channel", `?broadcast=${broadcast}&resume=${resume}`);
    expect((await again.ready()).offset).toBe(stream.byteLength);
    again.socket.send('{"type":"end"}');
    expect((await again.ended).code).toBe(1000);
    expect(again.heard.at(-1)).toEqual({ type: "ended" });
    expect(on.registry.live).toEqual([]);
  });
});

describe("what is refused", () => {
  test.each([
    ["a bad name", "a.b", "", 4400],
    ["the reserved name", "live", "", 4400],
    ["a token without a broadcast", "channel", "?resume=abc", 4400],
    ["a broadcast that is no id", "channel", "?broadcast=../x&resume=abc", 4400],
    ["two keys", "channel", "?key=a&key=b", 4400],
    ["a type that is not taken", "channel", "?type=text/html", 4415],
  ])("%s", async (_, channel, query, code) => {
    await using on = await ingestServer();
    expect((await (await rawConnection(on.url, channel, query)).ended).code).toBe(code);
  });

  test("more broadcasts than there is room for", async () => {
    await using on = await ingestServer({ maxBroadcasts: 1 });
    const connection = await rawConnection(on.url, "first");
    await connection.ready();
    expect((await (await rawConnection(on.url, "second")).ended).code).toBe(4503);
    connection.socket.terminate();
  });
});

describe("the server", () => {
  test("that stops says that it will be back, and leaves what can be gone on with", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    const { broadcast } = await connection.ready();
    connection.socket.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    await on.registry[Symbol.asyncDispose]();
    expect(await connection.ended).toEqual({ code: 1012, reason: "the server is restarting" });
    expect(await on.begun[0]?.ended).toEqual({ reason: "suspended", remainingMs: 30_000 });
    expect((await archive(on, broadcast)).equals(stream)).toBe(true);
    expect((await (await rawConnection(on.url, "late")).ended).code).toBe(1012);
  });

  test("that stops while a publisher is away remembers how much longer it would have waited", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    await connection.ready();
    connection.socket.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    connection.socket.terminate();
    await eventually("it is missed", () => on.begun[0]?.interruptedMs !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await on.registry[Symbol.asyncDispose]();
    const end = await on.begun[0]?.ended;
    if (end?.reason !== "suspended") throw new Error(`it ended as ${end?.reason}`);
    expect(end.remainingMs).toBeLessThan(30_000 - 20);
    expect(end.remainingMs).toBeGreaterThan(20_000);
  });

  test("whose operator ends a broadcast tells the publisher not to come back, and again when it does", async () => {
    await using on = await ingestServer();
    const connection = await rawConnection(on.url, "channel");
    const { broadcast, resume } = await connection.ready();
    connection.socket.send(stream);
    await eventually("it is live", () => on.begun.length === 1);
    expect(await on.registry.stop(broadcast, "enough of this")).toBe(true);
    expect(await connection.ended).toEqual({ code: 4403, reason: "enough of this" });
    expect(await on.begun[0]?.ended).toEqual({ reason: "stopped" });
    const again = await rawConnection(on.url, "channel", `?broadcast=${broadcast}&resume=${resume}`);
    expect((await again.ended).code).toBe(4403);
    expect(await on.registry.stop(broadcast, "enough of this")).toBe(false);
  });
});
