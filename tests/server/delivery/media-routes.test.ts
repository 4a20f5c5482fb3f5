import { get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BoxReader } from "../../../server/media/boxes.ts";
import type { Presentation } from "../../../server/packaging/presentation.ts";
import { beginTrack, between, feed, makePicture, makeSound } from "../../helpers/cmaf.ts";
import { eventually } from "../../helpers/eventually.ts";
import { type LiveServer, serveLive } from "../../helpers/live-http.ts";
import { present, run, trackOf } from "../../helpers/presentation.ts";
import { ask } from "../../helpers/raw-http.ts";

const picture = makePicture({ seconds: 7 });
const sound = makeSound({ seconds: 7 });

let presentation: Presentation;
let server: LiveServer;

/** One whole segment, and half a second of the next. */
beforeEach(async () => {
  presentation = present();
  beginTrack(presentation, "video0", picture);
  beginTrack(presentation, "audio0", sound);
  feedTo(0, 4.5);
  server = await serveLive(presentation);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function feedTo(from: number, to: number) {
  feed(presentation, { video0: [picture, between(picture, from, to)], audio0: [sound, between(sound, from, to)] });
}

const video = () => trackOf(presentation, "video0");

/** Reads a segment as it comes. */
async function open(path: string) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.url}${path}`, { agent: false }, resolve).on("error", reject);
  });
  const viewer = { response, bytes: Buffer.alloc(0), ended: false };
  response.on("data", (more: Buffer) => {
    viewer.bytes = Buffer.concat([viewer.bytes, more]);
  });
  response.on("end", () => {
    viewer.ended = true;
  });
  return viewer;
}

const framesIn = (bytes: Uint8Array) =>
  new BoxReader({ maxBoxBytes: 1 << 24 }).push(bytes).filter(({ type }) => type === "mdat").length;

describe("the segment that is being made", () => {
  test("is sent as it comes, to all alike, and is in the end what it will always be", async () => {
    const first = await open(`${server.folder("video0")}/0/1.m4s`);
    expect(first.response.headers).toMatchObject({
      "content-type": "video/mp4",
      "transfer-encoding": "chunked",
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=31536000, immutable",
      "x-accel-buffering": "no",
    });
    expect(first.response.headers["content-length"]).toBeUndefined();
    await eventually("what there was has come", () => framesIn(first.bytes) === 15);
    feedTo(4.5, 4.55);
    await eventually("a chunk comes alone", () => framesIn(first.bytes) === 17);
    const second = await open(`${server.folder("video0")}/0/1.m4s`);
    feedTo(4.55, 6.1);
    await eventually("the segment is complete", () => first.ended && second.ended);
    const { body: whole, headers } = await ask(server.url, `${server.folder("video0")}/0/1.m4s`);
    expect(framesIn(whole)).toBe(60);
    // What is whole may be kept, and need not hurry.
    expect(headers["x-accel-buffering"]).toBeUndefined();
    expect([first.bytes.equals(whole), second.bytes.equals(whole)]).toEqual([true, true]);
  });

  test("begins with the time at which its first frame came to the encoder", async () => {
    const { body } = await ask(server.url, `${server.folder("video0")}/0/0.m4s`);
    const [time, moof] = new BoxReader({ maxBoxBytes: 1 << 24 }).push(body);
    expect([time?.type, moof?.type]).toEqual(["prft", "moof"]);
    const fields = Buffer.from(time?.bytes ?? []);
    expect(Number(fields.readBigInt64BE(24))).toBe(180_000);
    expect((fields.readUInt32BE(16) - 2_208_988_800) * 1000).toBe(1_700_000_000_000);
  });

  test("ends where it is when the broadcast does", async () => {
    const viewer = await open(`${server.folder("video0")}/0/1.m4s`);
    presentation.finish();
    await eventually("it has ended", () => viewer.ended);
    expect(framesIn(viewer.bytes)).toBe(15);
  });

  test("is followed by nobody who has left", async () => {
    const viewer = await open(`${server.folder("video0")}/0/1.m4s`);
    expect(video().open?.followers).toBe(1);
    viewer.response.destroy();
    await eventually("nobody follows", () => video().open?.followers === 0);
  });

  test("has a HEAD without a body", async () => {
    const { status, headers, body } = await ask(server.url, `${server.folder("video0")}/0/1.m4s`, { method: "HEAD" });
    expect([status, headers["content-type"], body.byteLength]).toEqual([200, "video/mp4", 0]);
    expect(video().open?.followers).toBe(0);
  });

  test("is cut off for a viewer who does not read", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.pause();
    socket.write(`GET ${server.folder("video0")}/0/1.m4s HTTP/1.1\r\nhost: x\r\n\r\n`);
    await eventually("it follows", () => video().open?.followers === 1);
    const frame = between(picture, 4.5, 4.51)[0];
    if (frame === undefined) throw new Error("no frame");
    // Far more than any buffer between here and there.
    const mdat = new Uint8Array(8 * 1024 * 1024);
    new DataView(mdat.buffer).setUint32(0, mdat.byteLength);
    mdat.set(Buffer.from("mdat"), 4);
    for (let round = 0; round < 4 && video().open?.followers === 1; round++) {
      video().add(frame.moof, mdat);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually("it is cut off", () => video().open?.followers === 0);
    socket.destroy();
  });
});

describe("the segment after it", () => {
  test("is waited for, and then sent as it comes", async () => {
    const asked = open(`${server.folder("video0")}/0/2.m4s`);
    await eventually("it is waited for", () => video().opened.waiting === 1);
    feedTo(4.5, 6.05);
    const viewer = await asked;
    await eventually("it has begun", () => framesIn(viewer.bytes) === 2);
    expect([viewer.ended, video().opened.waiting]).toEqual([false, 0]);
  });

  test("is not there when the broadcast ends, or when the encoder begins anew", async () => {
    const atEnd = ask(server.url, `${server.folder("video0")}/0/2.m4s`);
    await eventually("it is waited for", () => video().opened.waiting === 1);
    presentation.startRun(run());
    beginTrack(presentation, "video0", makePicture({ seconds: 1, from: 6, size: "80x46" }));
    feedTo(4.5, 5);
    presentation.finish();
    expect((await atEnd).status).toBe(404);
  });

  test("is the only one that is waited for", async () => {
    expect((await ask(server.url, `${server.folder("video0")}/0/3.m4s`)).status).toBe(404);
    expect((await ask(server.url, `${server.folder("video0")}/1/2.m4s`)).status).toBe(404);
    expect(video().opened.waiting).toBe(0);
  });
});

test("a segment for which nothing came is empty for those who go by numbers", async () => {
  const gapped = present();
  beginTrack(gapped, "video0", picture);
  beginTrack(gapped, "audio0", sound);
  const heard = [...between(sound, 0, 3.97), ...between(sound, 6, 9)];
  feed(gapped, { video0: [picture, picture.chunks], audio0: [sound, heard] });
  await using gappedServer = await serveLive(gapped);
  const { status, body } = await ask(gappedServer.url, `${gappedServer.folder("audio0")}/0/1.m4s`);
  expect(status).toBe(200);
  expect(new BoxReader({ maxBoxBytes: 1 << 24 }).push(body).map(({ type }) => type)).toEqual(["styp"]);
});
