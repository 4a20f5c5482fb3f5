import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isLiveError } from "../../../../server/core/errors.ts";
import { type RtmpEvent, RtmpProtocol } from "../../../../server/ingest/rtmp/protocol.ts";
import { chunksOf } from "../../../helpers/media-scan.ts";
import { recordRtmp, rtmpSources } from "../../../helpers/rtmp.ts";

const HANDSHAKE_BYTES = 1 + 2 * 1536;
const MIB = 1024 * 1024;
/** More than the largest message and its margin, by a good measure. */
const MOST_HELD_BYTES = 21 * MIB;

let recorded: Buffer;
beforeAll(async () => {
  recorded = await recordRtmp("/live/show?key=secret", rtmpSources.both, 1);
});

interface Run {
  readonly events: RtmpEvent[];
  readonly answers: Buffer;
  readonly held: number;
  readonly refusal: string | undefined;
}

function run(pieces: readonly Uint8Array[]): Run {
  const answers: Uint8Array[] = [];
  const protocol = new RtmpProtocol((bytes) => answers.push(bytes));
  const events: RtmpEvent[] = [];
  let held = 0;
  let refusal: string | undefined;
  try {
    for (const piece of pieces) {
      // The memory is the caller's again after the call.
      const lent = Buffer.from(piece);
      events.push(...protocol.push(lent));
      lent.fill(0xaa);
      held = Math.max(held, protocol.heldBytes);
    }
  } catch (error) {
    if (!isLiveError(error, "bad_request")) throw error;
    refusal = error.message;
  }
  return { events, answers: Buffer.concat(answers), held, refusal };
}

const summary = ({ events, refusal }: Run) =>
  JSON.stringify([
    events.map((event) => (event.type === "media" ? [event.message.timeMs, ...event.message.body] : event)),
    refusal,
  ]);

test("FFmpeg asks to publish, sends metadata, sound and picture, and says goodbye", () => {
  const { events, answers, refusal } = run([recorded]);
  expect(refusal).toBeUndefined();
  expect(events[0]).toEqual({ type: "publish", app: "live", name: "show?key=secret" });
  expect(events.at(-1)).toEqual({ type: "unpublish" });
  const media = events.flatMap((event) => (event.type === "media" ? [event.message] : []));
  expect(media.filter(({ type }) => type === 9).length).toBeGreaterThanOrEqual(31);
  expect(media.filter(({ type }) => type === 8).length).toBeGreaterThan(40);
  const script = Buffer.from(media.find(({ type }) => type === 18)?.body ?? []);
  expect(script.subarray(0, 13).toString("latin1")).toBe("\x02\0\x0aonMetaData");
  expect(answers.includes("NetConnection.Connect.Success")).toBe(true);
  // Nobody has said yes yet.
  expect(answers.includes("NetStream.Publish.Start")).toBe(false);
});

test("is read the same however it is cut, also at every byte", () => {
  const expected = summary(run([recorded]));
  for (const size of [1, 13, 4096]) expect(summary(run(chunksOf(recorded, size))) === expected).toBe(true);
  const start = recorded.subarray(0, HANDSHAKE_BYTES + 1500);
  const whole = summary(run([start]));
  for (let at = HANDSHAKE_BYTES - 3; at < start.byteLength; at++) {
    if (summary(run([start.subarray(0, at), start.subarray(at)])) !== whole) throw new Error(`cut at ${at}`);
  }
});

test("is read as far as it goes when it ends anywhere", () => {
  const all = run([recorded]).events.length;
  for (let length = 0; length < recorded.byteLength; length += 101) {
    const { events, refusal } = run([recorded.subarray(0, length)]);
    expect(refusal).toBeUndefined();
    expect(events.length).toBeLessThanOrEqual(all);
  }
});

test("random damage is refused in words or read, in bounded memory", () => {
  const edit = fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    bytes: fc.uint8Array({ maxLength: 40 }),
  });
  const accident = fc.tuple(
    fc.array(edit, { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 5000 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(accident, ([edits, size, atStart]) => {
      // Commands are few and come first: half of the damage is meant for them.
      const reach = atStart ? 1000 : recorded.byteLength - HANDSHAKE_BYTES;
      const damaged = edits.reduce<Buffer>((bytes, { place, length, bytes: put }) => {
        const at = HANDSHAKE_BYTES + Math.floor(place * reach);
        return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]);
      }, recorded);
      const { held } = run(chunksOf(damaged, size));
      expect(held).toBeLessThan(MOST_HELD_BYTES);
    }),
    { seed: 7, numRuns: 400 },
  );
});

describe("made by hand", () => {
  const handshake = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]);
  /** One chunk of a message with a whole header. */
  const chunk = (id: number, type: number, length: number, ...body: readonly number[]) => {
    return Buffer.from([id, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255, type, 1, 0, 0, 0, ...body]);
  };
  /** The same as the recorded client, up to where it may send media. */
  const publisher = () => {
    const protocol = new RtmpProtocol(() => {});
    for (const byte of chunksOf(recorded, 1)) {
      if (protocol.push(Buffer.from(byte)).some(({ type }) => type === "publish")) return protocol;
    }
    throw new Error("the recording asks to publish");
  };
  const name = (text: string) => [2, 0, text.length, ...Buffer.from(text, "latin1")];

  test("what is no RTMP is told by its first byte", () => {
    expect(run([Buffer.from("GET / HTTP/1.1\r\n\r\n")]).refusal).toBe("this is no RTMP");
  });

  test("who may not publish yet cannot have a large message set aside", () => {
    const { refusal, held } = run([handshake, chunk(4, 9, 0xffffff), Buffer.alloc(128)]);
    expect(refusal).toContain("a message has 16777215 bytes");
    expect(held).toBe(0);
  });

  test("who publishes has room for one of the largest messages, and not for many at a time", () => {
    const protocol = publisher();
    const size = 2 * MIB;
    // One chunk of each: FFmpeg takes over the chunk size that it is told.
    const begin = (id: number) => protocol.push(Buffer.concat([chunk(id, 9, size), Buffer.alloc(65_535)]));
    expect(() => {
      for (let id = 10; id < 60; id++) begin(id);
    }).toThrow("too many large messages");
    expect(protocol.heldBytes).toBeLessThan(MOST_HELD_BYTES);
  });

  test("many chunk streams are refused", () => {
    const many = Array.from({ length: 80 }, (_, at) => chunk(0, 8, 0).fill(at, 1, 1));
    const chunks = many.map((bytes, at) => Buffer.concat([Buffer.of(0, at), bytes.subarray(1)]));
    expect(run([handshake, ...chunks]).refusal).toContain("too many chunk streams");
  });

  test("a message that begins within another is refused", () => {
    const begun = Buffer.concat([chunk(4, 8, 1000), Buffer.alloc(128)]);
    expect(run([handshake, begun, chunk(4, 8, 60_000)]).refusal).toContain("begins within another");
  });

  test("a message that is taken back may be begun anew", () => {
    const begun = Buffer.concat([chunk(4, 8, 1000), Buffer.alloc(128)]);
    const abort = chunk(2, 2, 4, 0, 0, 0, 4);
    expect(run([handshake, begun, abort, chunk(4, 8, 1, 0)]).refusal).toBeUndefined();
  });

  test.each([0, 0x80000000])("chunks of %i bytes are refused", (size) => {
    const body = Buffer.alloc(4);
    body.writeUInt32BE(size);
    expect(run([handshake, chunk(2, 1, 4, ...body)]).refusal).toContain("chunks of");
  });

  const commands = [
    { name: "a connect without anything", body: name("connect") },
    { name: "a connect to no app", body: [...name("connect"), 0, 63, 240, 0, 0, 0, 0, 0, 0, 3, 0, 0, 9] },
    { name: "a publish without a name", body: name("publish") },
    { name: "a command that is a number", body: [0, 0, 0, 0, 0, 0, 0, 0, 0] },
    { name: "a value of no kind", body: [...name("connect"), 0x55] },
    { name: "a list of four thousand million", body: [...name("connect"), 10, 255, 255, 255, 255] },
  ];
  test.each(commands)("$name is answered or refused, and no bug", ({ body }) => {
    expect(() => run([handshake, chunk(3, 20, body.length, ...body), chunk(3, 20, 1, 5)])).not.toThrow();
  });

  test("objects within objects, without end, are refused", () => {
    const levels = Array.from({ length: 15_000 }, () => [3, 0, 1, 97]).flat();
    const body = Buffer.from([...name("connect"), ...levels]);
    const size = chunk(2, 1, 4, 0, 1, 0, 0);
    const { refusal } = run([handshake, size, chunk(3, 20, body.byteLength), body]);
    expect(refusal).toBe("this is no RTMP");
  });
});
