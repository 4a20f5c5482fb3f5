import { Readable } from "node:stream";
import { expect, test } from "@jest/globals";
import { readBody } from "../../../server/ingest/body.ts";

/** A body that has arrived whole before anybody reads it: its end is told while its bytes are being taken. */
function arrived(text: string): Readable {
  const body = new Readable({ read: () => {} });
  body.push(text);
  body.push(null);
  return body;
}

const never = new AbortController().signal;

test("what is wrong with a body that was there at once is said", async () => {
  const refused = readBody(arrived("garbage"), () => Promise.reject(new Error("no container")), never);
  await expect(refused).rejects.toThrow("no container");
});

test("a body that was there at once has been read when its last bytes are taken", async () => {
  const taken: string[] = [];
  const take = async (bytes: Buffer) => {
    await new Promise(setImmediate);
    taken.push(bytes.toString());
  };
  await readBody(arrived("media"), take, never);
  expect(taken).toEqual(["media"]);
});
