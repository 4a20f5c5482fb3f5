import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LiveRecord, RECORD_HEADER_BYTES, readRecords, writeRecordHeader } from "../../../server/protocol/live.ts";

const record: fc.Arbitrary<LiveRecord> = fc.record({
  kind: fc.constantFrom("init", "chunk"),
  track: fc.integer({ min: 0, max: 255 }),
  key: fc.boolean(),
  breaks: fc.boolean(),
  time: fc.double({ noNaN: true }),
  payload: fc.uint8Array({ maxLength: 200 }),
});

function messageOf(records: readonly LiveRecord[]): ArrayBuffer {
  const size = records.reduce((sum, { payload }) => sum + RECORD_HEADER_BYTES + payload.byteLength, 0);
  const message = new Uint8Array(size);
  let offset = 0;
  for (const each of records) {
    writeRecordHeader(message, offset, each);
    message.set(each.payload, offset + RECORD_HEADER_BYTES);
    offset += RECORD_HEADER_BYTES + each.payload.byteLength;
  }
  return message.buffer;
}

describe("records of the live socket", () => {
  test("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        expect(readRecords(messageOf(records))).toEqual(records);
      }),
    );
  });

  test("that are cut off are refused, wherever the cut is", () => {
    const payload = Uint8Array.of(1, 2, 3);
    const whole = messageOf([{ kind: "chunk", track: 1, key: true, breaks: false, time: 2.5, payload }]);
    for (let length = 1; length < whole.byteLength; length++) {
      expect(() => readRecords(whole.slice(0, length))).toThrow(/cut off/);
    }
  });

  test("with random damage give records or a RangeError, nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        try {
          for (const { payload } of readRecords(bytes.slice().buffer)) expect(payload.byteLength).toBeLessThan(100);
        } catch (error) {
          expect(String(error)).toMatch(/^RangeError/);
        }
      }),
    );
  });
});
