import { expect, test } from "@jest/globals";
import { ConnectionLimit } from "../../../../server/core/connection-limit.ts";
import { RequestLimit } from "../../../../server/core/request-limit.ts";
import { listenForFrames } from "../../../../server/ingest/frames/listener.ts";
import { FramesPublisher, framesServer } from "../../../helpers/frames.ts";
import { publishingInto } from "../../../helpers/publishing.ts";

test("a port that is taken names the setting", async () => {
  await using on = await framesServer();
  const port = Number(new URL(on.url).port);
  const again = listenForFrames({
    host: "127.0.0.1",
    port,
    idleMs: 1_000,
    maxImageBytes: 1,
    limits: {
      connections: new ConnectionLimit({ perAddress: 1, exempt: [] }),
      requests: new RequestLimit({ perSecond: 1, exempt: [] }),
    },
    publishing: publishingInto(on.registry),
    report: () => {},
  });
  const words = new RegExp(
    `^Image frames cannot be taken \\(MILLRACE_FRAMES_PORT=${port}; another port, 0 .*\\): .*EADDRINUSE`,
  );
  await expect(again).rejects.toMatchObject({ message: expect.stringMatching(words) });
});

test("disposed of, it lets everybody go and nobody in", async () => {
  const on = await framesServer();
  const client = await FramesPublisher.connect(on.url);
  await on[Symbol.asyncDispose]();
  await client.closed;
  await expect(FramesPublisher.connect(on.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
