import { createServer } from "node:http";
import { expect, test } from "@jest/globals";
import { startTestApp } from "../../helpers/app.ts";
import { clips } from "../../helpers/clips.ts";
import { eventually } from "../../helpers/eventually.ts";
import { listening } from "../../helpers/listening.ts";
import { liveOn, recordings } from "../../helpers/millrace.ts";
import { Operator } from "../../helpers/operator.ts";
import { publishHttp, SocketPublisher } from "../../helpers/publish.ts";

const clip = clips["H.264 and Opus in Matroska"](3);

test("an application decides who may publish, and whether it is recorded", async () => {
  const application = createServer((request, response) => {
    const channel = request.headers["x-streaming-channel"];
    if (channel !== "allowed" && channel !== "kept") return response.writeHead(403).end();
    return response.setHeader("x-record", String(channel === "kept")).end();
  });
  const hook = await listening(application);
  await using app = await startTestApp({
    MILLRACE_PUBLISH: "webhook",
    MILLRACE_PUBLISH_HOOK: `http://127.0.0.1:${hook.port}/may`,
  });
  expect((await publishHttp(app.url, "refused", clip)).status).toBe(401);
  for (const name of ["allowed", "kept"]) expect((await publishHttp(app.url, name, clip)).status).toBe(201);
  expect((await recordings(app.url)).map(({ channel }) => channel)).toEqual(["kept"]);
  await hook[Symbol.asyncDispose]();
  expect((await publishHttp(app.url, "allowed", clip)).status).toBe(401);
});

test("whether a channel is recorded is its own affair", async () => {
  await using app = await startTestApp();
  const operator = new Operator(app.url);
  await operator.ask("POST", "/channels", { name: "unkept", record: false });
  for (const name of ["unkept", "kept"]) expect((await publishHttp(app.url, name, clip)).status).toBe(201);
  expect((await recordings(app.url)).map(({ channel }) => channel)).toEqual(["kept"]);
});

test("a channel's own ladder is what its viewers get", async () => {
  await using app = await startTestApp({ MILLRACE_LADDER: "ORIGINAL" });
  const operator = new Operator(app.url);
  await operator.ask("POST", "/channels", { name: "two", ladder: "ORIGINAL,160x90-15~100" });
  const publisher = await SocketPublisher.connect(app.url, "two");
  await publisher.send(clip);
  await eventually("both are there", async () => (await liveOn(app.url, "two"))?.renditions.length === 3);
  const heights = (await liveOn(app.url, "two"))?.renditions.map(({ height }) => height);
  expect(heights).toEqual(expect.arrayContaining([90]));
  publisher.socket.close(1000);
  await publisher.ended;
});
