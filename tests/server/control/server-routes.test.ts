import { expect, test } from "@jest/globals";
import { serverSetup } from "../../../server/protocol/server.ts";
import { startTestApp } from "../../helpers/app.ts";
import { Operator } from "../../helpers/operator.ts";

const TOKEN = "operator";

test("the operator is told how the server is set up, with the ports that are bound; nobody else is", async () => {
  await using app = await startTestApp({
    MILLRACE_ADMIN_TOKEN: TOKEN,
    MILLRACE_RTMP_PORT: "0",
    MILLRACE_LADDER: "ORIGINAL,640x360-15~800",
    MILLRACE_MIN_FREE_MB: "1",
  });
  const { status, body } = await new Operator(app.url, TOKEN).ask("GET", "/server");
  expect(status).toBe(200);
  expect(serverSetup.strict().parse(body)).toMatchObject({
    publish: "open",
    ladder: "ORIGINAL,640x360-15~800",
    record: true,
    rtmpPort: Number(app.rtmpUrl.split(":").at(-1)),
    framesPort: null,
    minFreeBytes: 1_000_000,
  });
  expect((await new Operator(app.url).ask("GET", "/server")).status).toBe(401);
});
