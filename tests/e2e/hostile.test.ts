import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { BoxReader } from "../../server/media/boxes.ts";
import { problem } from "../../server/protocol/api.ts";
import { clips } from "../helpers/clips.ts";
import { oneForAll } from "../helpers/lifetime.ts";
import { listening } from "../helpers/listening.ts";
import { finishedOn, liveOn, readyOn, sha256, startMillrace } from "../helpers/millrace.ts";
import { publishHttp, SocketPublisher } from "../helpers/publish.ts";

const fragmented = clips["H.264 and AAC in fragmented MP4"](4);
const matroska = clips["H.264 and Opus in Matroska"](8);

const millrace = oneForAll(startMillrace);
let visits = 0;
/** Whoever connects is seen. */
const port = oneForAll(() =>
  listening(
    createServer((socket) => {
      visits += 1;
      socket.destroy();
    }),
  ),
);
const address = () => `127.0.0.1:${port().port}`;
/** Whoever opens the file to read it waits there and is seen. */
const canary = () => join(millrace().dataDir, "canary");
beforeAll(() => void execFileSync("mkfifo", [canary()]));

/** Whether somebody waits to read the canary: only then can a pipe be opened for writing without waiting. */
function isCanaryOpen(): boolean {
  try {
    closeSync(openSync(canary(), constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

/** The MP4 with its media said to lie in a file. */
function withExternalMedia(movie: Buffer): Buffer {
  // The size of an entry cannot change without all boxes around it: its name is the flag alone, as QuickTime's alias.
  const altered = Buffer.from(movie);
  for (let at = altered.indexOf("url "); at >= 0; at = altered.indexOf("url ", at + 4)) {
    altered.writeUInt32BE(0, at + 4);
  }
  return altered;
}

describe("what names another file or address is refused, and nothing is opened", () => {
  const hostile: Readonly<Record<string, () => Uint8Array | string>> = {
    "a playlist": () => `#EXTM3U\n#EXTINF:2,\nhttp://${address()}/a.ts\n#EXTINF:2,\nfile://${canary()}\n`,
    "a concat script": () => `ffconcat version 1.0\nfile '${canary()}'\nfile 'http://${address()}/a.mp4'\n`,
    "an SDP": () => `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n`,
    "a manifest": () => `<?xml version="1.0"?><MPD><BaseURL>http://${address()}/</BaseURL></MPD>`,
    "an MP4 whose media is elsewhere": () => withExternalMedia(fragmented),
    "a plain MP4 header": () => new BoxReader({ maxBoxBytes: 1 << 20 }).push(fragmented)[0]?.bytes ?? "",
  };

  test.each(Object.keys(hostile))("%s", async (name) => {
    const content = hostile[name]?.() ?? "";
    const { status, body } = await publishHttp(millrace().url, "hostile", Buffer.from(content));
    expect([400, 415]).toContain(status);
    expect(problem.parse(body).detail).not.toBe("");
    expect([visits, isCanaryOpen()]).toEqual([0, false]);
    expect(await liveOn(millrace().url, "hostile")).toBeNull();
  });
});

test("what says of itself that it is impossible harms no other broadcast", async () => {
  const steady = await SocketPublisher.connect(millrace().url, "steady");
  const sending = steady.send(matroska, { seconds: 8 });
  await readyOn(millrace().url, "steady");
  // A picture of 65,535 pixels a side, by the container's word.
  const huge = Buffer.from(fragmented);
  for (let at = huge.indexOf("avc1"); at >= 0; at = huge.indexOf("avc1", at + 4)) huge.fill(0xff, at + 28, at + 32);
  for (let at = huge.indexOf("tkhd"); at >= 0; at = huge.indexOf("tkhd", at + 4)) huge.fill(0xff, at + 80, at + 88);
  const refused = await publishHttp(millrace().url, "huge", huge);
  expect([refused.status, problem.parse(refused.body).detail]).toEqual([415, expect.stringContaining("too large")]);

  // Times at the end of what the container can say, in the middle of the broadcast.
  const odd = Buffer.from(fragmented);
  const last = odd.lastIndexOf("tfdt");
  odd.fill(0x7f, last + 8, last + 12);
  expect((await publishHttp(millrace().url, "odd", odd)).status).toBe(201);
  expect(sha256(odd)).toBe(sha256(join(millrace().folderOf("odd", await idOf("odd")), "source.mp4")));

  await sending;
  await steady.end();
  expect(await idOf("steady")).not.toBe("");
  const { bytes } = await finishedOn(millrace().url, "steady");
  expect(bytes).toBe(matroska.byteLength);
});

async function idOf(channel: string): Promise<string> {
  return (await finishedOn(millrace().url, channel)).id;
}
