import { expect, test } from "@jest/globals";
import { FrameReader } from "../../../../scripts/bench/fanout/frame-reader.ts";
import { type LiveRecord, RECORD_HEADER_BYTES, writeRecordHeader } from "../../../../server/protocol/live.ts";

const CLOSE = Buffer.concat([Buffer.from([0x88, 6, 0x11, 0x4d]), Buffer.from("full")]);

function record(track: number, kind: LiveRecord["kind"], time: number, bytes: number): Buffer {
  const whole = Buffer.alloc(RECORD_HEADER_BYTES + bytes, 0x81);
  const payload = whole.subarray(RECORD_HEADER_BYTES);
  writeRecordHeader(whole, 0, { kind, track, key: false, breaks: false, time, payload });
  return whole;
}

function frame(opcode: number, ...payloads: Buffer[]): Buffer {
  const payload = Buffer.concat(payloads);
  const length = payload.byteLength;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.byteLength === 4) head.writeUInt16BE(length, 2);
  if (head.byteLength === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

const stream = Buffer.concat([
  frame(1, Buffer.from('{"type":"tracks"}')),
  frame(2, record(0, "init", 0, 40)),
  frame(2, record(0, "chunk", 1.5, 300), record(1, "chunk", 1.25, 20)),
  frame(9),
  frame(2, record(1, "chunk", 2, 0)),
  frame(2, record(0, "chunk", 3, 70_000), record(0, "chunk", 3.5, 10)),
  CLOSE,
]);

function read(pieces: readonly Buffer[]): unknown[] {
  const heard: unknown[] = [];
  const reader = new FrameReader({
    onRecords: (newest) => heard.push(newest),
    onClose: (code, reason) => heard.push(code, reason),
  });
  for (const piece of pieces) reader.take(piece);
  return heard;
}

const heard = [Number.NaN, 1.5, Number.NaN, 3.5, 4429, "full"];

test("tells of each message when it is complete, and of the newest picture in it", () => {
  expect(read([stream])).toEqual(heard);
  expect(read([stream.subarray(0, -CLOSE.byteLength - 1)])).toEqual(heard.slice(0, 3));
});

test("wherever the stream is cut", () => {
  for (let cut = 0; cut < 600; cut++) {
    expect(read([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(heard);
  }
  expect(read([...stream].map((byte) => Buffer.of(byte)))).toEqual(heard);
});

test("a record that is longer than its message is an error", () => {
  const wrong = record(0, "chunk", 1, 4);
  wrong.writeUInt32BE(5, 4);
  expect(() => read([frame(2, wrong)])).toThrow("longer than its message");
});
