import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { until } from "../../scripts/example/until.ts";
import { clips } from "../helpers/clips.ts";
import { listening } from "../helpers/listening.ts";
import { LoggedServer } from "../helpers/logged-server.ts";
import { finishedOn } from "../helpers/millrace.ts";
import { publishHttp } from "../helpers/publish.ts";

/** Few, and enough to start: modules are read many at a time. */
const FEW_FILES = 256;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

test("a crowd that takes all open files is turned away with one line that says why, and the server serves again", async () => {
  await using server = await LoggedServer.start({}, FEW_FILES);
  const url = await server.url();
  let turnedAway = 0;
  for (let count = 0; count < 2 * FEW_FILES; count++) {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.on("close", () => {
      turnedAway += 1;
    });
    sockets.push(socket);
  }
  await until({ what: "for most to be turned away", limitMs: 30_000 }, () => turnedAway >= FEW_FILES || undefined);
  expect(server.child.exitCode).toBeNull();
  expect(server.said.match(/ulimit -n/g)).toHaveLength(1);
  for (const socket of sockets.splice(0)) socket.destroy();
  const healthy = () => fetch(`${url}/healthz`, { headers: { connection: "close" } }).then(({ ok }) => ok || undefined);
  await until({ what: "for the server", limitMs: 30_000 }, () => healthy().catch(() => undefined));
});

test("a broadcast that meets the limit harms neither the server nor what comes later", async () => {
  const bytes = clips["H.264 and Opus in Matroska"](4);
  await using server = await LoggedServer.start({}, FEW_FILES);
  const url = await server.url();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      publishHttp(url, `crowd${index}`, bytes).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );
  for (const status of answers) expect([0, 201, 503]).toContain(status);
  expect(server.child.exitCode).toBeNull();
  await until({ what: "for room", limitMs: 30_000 }, async () => {
    const { status } = await publishHttp(url, "later", bytes).catch(() => ({ status: 0 }));
    return status === 201 || undefined;
  });
  expect((await finishedOn(url, "later")).bytes).toBe(bytes.byteLength);
});

test("a start without enough of them ends with one line and exit code 1", async () => {
  await using server = await LoggedServer.start({}, 30);
  expect(await server.exited()).toBe(1);
  expect(server.said).toMatch(/^Millrace cannot start: .*ulimit -n.*\n$/);
});

test("a port that is taken ends the start with one line and exit code 1", async () => {
  await using taken = await listening(createServer());
  const { port } = taken;
  await using server = await LoggedServer.start({ MILLRACE_PORT: String(port) });
  expect(await server.exited()).toBe(1);
  expect(server.said).toBe(
    `Millrace cannot start: MILLRACE_PORT=${port} (on 127.0.0.1): another program uses this port; stop it, or choose another one\n`,
  );
});
