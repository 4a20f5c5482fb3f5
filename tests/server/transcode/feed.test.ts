import { expect, test } from "@jest/globals";
import { BroadcastLog } from "../../../server/broadcast/log/broadcast-log.ts";
import { PieceStore } from "../../../server/broadcast/log/log-store.ts";
import { Feed, type FeedRequest } from "../../../server/transcode/feed.ts";
import { collect, noise } from "../../helpers/bytes.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type TempFolder, tempFolder } from "../../helpers/temp-folder.ts";

function logIn(folder: TempFolder): BroadcastLog {
  return new BroadcastLog(new PieceStore(folder.path, { pieceBytes: 1 << 24, keepPieces: 2 }));
}

function feedOf(log: BroadcastLog, rest: Partial<FeedRequest> = {}): Feed {
  const { signal } = new AbortController();
  return new Feed({ log, init: { offset: 2, end: 5 }, from: undefined, until: () => undefined, signal, ...rest });
}

test("gives the init bytes, then everything behind them", async () => {
  await using folder = await tempFolder();
  await using log = logIn(folder);
  await log.append(Buffer.from("..INI|first"));
  const feed = feedOf(log);
  const read = collect(feed.stream);
  await log.append(Buffer.from(" second"));
  await log.end();
  expect((await read).toString()).toBe("INI|first second");
  expect(feed.offset).toBe(18);
});

test("from a resync point gives init bytes, preamble, and the rest of its epoch", async () => {
  await using folder = await tempFolder();
  await using log = logIn(folder);
  await log.append(Buffer.from("..INI|skipped|wanted|next epoch"));
  const feed = feedOf(log, { from: { offset: 14, preamble: Buffer.from("<cluster>") }, until: () => 20 });
  expect((await collect(feed.stream)).toString()).toBe("INI<cluster>wanted");
  expect(feed.offset).toBe(20);
});

test("takes no more than a bounded number of bytes ahead of who reads", async () => {
  await using folder = await tempFolder();
  await using log = logIn(folder);
  for (let sent = 0; sent < 64; sent++) await log.append(noise(64 * 1024));
  await log.end();
  const feed = feedOf(log);
  feed.stream.once("readable", () => {});
  await eventually("it has begun", () => feed.offset > 5);
  await new Promise((resolve) => setImmediate(resolve));
  expect(feed.offset).toBeLessThan(1024 * 1024);
  feed.stream.destroy();
});

test("ends without an error when it is stopped, and nobody is left waiting", async () => {
  await using folder = await tempFolder();
  await using log = logIn(folder);
  await log.append(Buffer.from("..INI|first"));
  const stop = new AbortController();
  const read = collect(feedOf(log, { signal: stop.signal }).stream);
  await eventually("it waits for more", () => log.waiting === 1);
  stop.abort();
  expect((await read).toString()).toBe("INI|first");
  expect(log.waiting).toBe(0);
});
