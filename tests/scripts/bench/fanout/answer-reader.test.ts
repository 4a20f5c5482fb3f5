import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { AnswerReader } from "../../../../scripts/bench/fanout/answer-reader.ts";

const packed = gzipSync("text");
const stream = Buffer.concat([
  Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello"),
  Buffer.from("HTTP/1.1 404 Not Found\r\nContent-Length:0\r\n\r\n"),
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.byteLength}\r\n\r\n`),
  packed,
]);

function read(pieces: readonly Buffer[], keepsBody = true): unknown[] {
  const answers: unknown[] = [];
  const reader = new AnswerReader(({ status, gzipped, body }) => answers.push([status, gzipped, body.toString("hex")]));
  reader.expect(keepsBody);
  for (const piece of pieces) reader.take(piece);
  return answers;
}

const answers = [
  [200, false, Buffer.from("hello").toString("hex")],
  [404, false, ""],
  [200, true, packed.toString("hex")],
];

test("reads one answer after the other, wherever the stream is cut", () => {
  for (let cut = 0; cut <= stream.byteLength; cut++) {
    expect(read([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(answers);
  }
  expect(read([...stream].map((byte) => Buffer.of(byte)))).toEqual(answers);
});

test("throws bodies away that nobody wants to see", () => {
  expect(read([stream], false)).toEqual(answers.map(([status, gzipped]) => [status, gzipped, ""]));
});

test("an answer of unknown length is an error", () => {
  expect(() => read([Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")])).toThrow(
    "without a length",
  );
});
