import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { KeptBytes } from "../../../web/capture/kept-bytes.ts";
import { Outbox } from "../../../web/capture/outbox.ts";

const stream = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 7 + (index >> 8)) % 256));

/** A server that takes what the line brings, and may forget what its last life had not yet on its disk. */
class Server {
  bytes = Buffer.alloc(0);
  restarts = new Set<number>();
  synced = 0;

  take(message: Buffer | "restart"): void {
    if (message === "restart") this.restarts.add(this.bytes.byteLength);
    else this.bytes = Buffer.concat([this.bytes, message]);
  }

  crash(): void {
    this.bytes = this.bytes.subarray(0, this.synced);
    this.restarts = new Set([...this.restarts].filter((offset) => offset <= this.synced));
  }
}

interface Act {
  readonly do: "record" | "container" | "send" | "deliver" | "ack" | "cut" | "sync" | "crash";
  /** Bytes or messages. */
  readonly count: number;
}

const acts = (weight: number, names: readonly Act["do"][], max: number) => ({
  weight,
  arbitrary: fc.record({ do: fc.constantFrom(...names), count: fc.integer({ min: 1, max }) }),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  acts(6, ["record"], 900),
  acts(5, ["send", "deliver"], 6),
  acts(2, ["ack", "sync"], 1),
  acts(1, ["container", "cut", "crash"], 1),
);

test("whatever is sent, acknowledged, cut and begun again, the server has every byte once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 80 }), async (story) => {
      const kept = new KeptBytes({ spill: undefined });
      const outbox = new Outbox(kept);
      const server = new Server();
      const containers = new Set<number>();
      let line: (Buffer | "restart")[] = [];
      let nowMs = 0;

      const send = async () => {
        const step = outbox.next();
        if (step?.kind === "restart") {
          line.push("restart");
          outbox.restarted();
        } else if (step?.kind === "bytes") {
          const bytes = Buffer.from(await step.read());
          line.push(bytes);
          outbox.passed(bytes.byteLength);
        }
        return step !== undefined;
      };
      const begin = () => {
        line = [];
        expect(outbox.resumeAt(server.bytes.byteLength)).toBe(true);
      };
      const run: Record<Act["do"], (count: number) => unknown> = {
        record: (bytes) => {
          const from = outbox.producedBytes;
          outbox.append(new Blob([stream.subarray(from, from + bytes)]), nowMs);
        },
        container: () => {
          outbox.beginContainer("video/webm");
          if (outbox.producedBytes > 0) containers.add(outbox.producedBytes);
        },
        send: async (messages) => {
          for (let left = messages; left > 0; left--) await send();
        },
        deliver: (messages) => {
          for (const message of line.splice(0, messages)) server.take(message);
        },
        ack: () => outbox.acknowledge(server.bytes.byteLength, nowMs),
        cut: begin,
        // What is written through is no more than a second old at any time.
        sync: () => {
          server.synced = server.bytes.byteLength;
        },
        crash: () => {
          server.crash();
          begin();
        },
      };
      for (const { do: what, count } of story) {
        nowMs += 500;
        if (nowMs % 1_000 === 0) run.sync(1);
        await run[what](count);
        expect(stream.subarray(0, server.bytes.byteLength).equals(server.bytes)).toBe(true);
      }
      while (await send());
      for (const message of line) server.take(message);
      outbox.acknowledge(server.bytes.byteLength, nowMs);

      expect(server.bytes.byteLength).toBe(outbox.producedBytes);
      expect(outbox.isDelivered).toBe(true);
      // A container that was begun behind the last byte has not been announced yet, or has: both are right.
      const announced = [...server.restarts].filter((offset) => offset < outbox.producedBytes);
      expect(announced.toSorted()).toEqual(
        [...containers].filter((offset) => offset < outbox.producedBytes).toSorted(),
      );
    }),
    { numRuns: 300 },
  );
});

describe("an outbox", () => {
  const filled = (bytes = 10_000) => {
    const kept = new KeptBytes({ spill: undefined });
    const outbox = new Outbox(kept);
    outbox.beginContainer("video/webm");
    outbox.append(new Blob([stream.subarray(0, bytes)]), 0);
    return { kept, outbox };
  };
  const sendAll = async (outbox: Outbox) => {
    const sent: (string | number)[] = [];
    for (let step = outbox.next(); step !== undefined; step = outbox.next()) {
      if (step.kind === "restart") {
        sent.push(step.mimeType);
        outbox.restarted();
      } else {
        const { byteLength } = await step.read();
        sent.push(byteLength);
        outbox.passed(byteLength);
      }
    }
    return sent;
  };

  test("sends no more than a window before it hears something", async () => {
    const kept = new KeptBytes({ spill: undefined });
    const outbox = new Outbox(kept);
    outbox.append(new Blob([new Uint8Array(5 * 1024 * 1024)]), 0);
    const sent = await sendAll(outbox);
    expect(Math.max(...sent.map(Number))).toBe(512 * 1024);
    expect(sent.reduce<number>((sum, bytes) => sum + Number(bytes), 0)).toBe(4 * 1024 * 1024);
    expect([outbox.isSent, outbox.isExpectingAnswer]).toEqual([false, true]);
    outbox.acknowledge(1024 * 1024, 0);
    await sendAll(outbox);
    expect(outbox.isSent).toBe(true);
  });

  test("announces a new container before its first byte, again after a break, and not the first of all", async () => {
    const { outbox } = filled(100);
    outbox.beginContainer("video/mp4");
    outbox.append(new Blob(["abc"]), 1);
    expect(await sendAll(outbox)).toEqual([100, "video/mp4", 3]);
    expect(outbox.resumeAt(100)).toBe(true);
    expect(await sendAll(outbox)).toEqual(["video/mp4", 3]);
    expect(outbox.resumeAt(101)).toBe(true);
    expect(await sendAll(outbox)).toEqual([2]);
  });

  test("keeps what is acknowledged for some seconds more", async () => {
    const { kept, outbox } = filled();
    await sendAll(outbox);
    outbox.acknowledge(6_000, 1_000);
    outbox.acknowledge(10_000, 3_500);
    expect([kept.begin, outbox.unacknowledgedMs]).toEqual([0, 0]);
    outbox.append(new Blob([new Uint8Array(10_000)]), 4_000);
    await sendAll(outbox);
    outbox.acknowledge(11_000, 4_100);
    kept.append(new Blob(["x"]), 4_200);
    expect(outbox.resumeAt(9_000)).toBe(true);
    outbox.acknowledge(12_000, 20_000);
    expect(outbox.resumeAt(20_000)).toBe(true);
  });

  test("of a broadcast that the server has ended begins the next one with the next container", async () => {
    const { kept, outbox } = filled(100);
    await sendAll(outbox);
    outbox.acknowledge(60, 0);
    outbox.append(new Blob([new Uint8Array(50)]), 1_000);
    outbox.beginContainer("video/mp4");
    outbox.append(new Blob(["abc"]), 1_500);
    expect(outbox.skipTo(0)).toBeCloseTo(1_000, -3);
    expect([kept.begin, outbox.needsContainer]).toEqual([150, false]);
    expect(await sendAll(outbox)).toEqual([3]);
    outbox.acknowledge(3, 2_000);
    expect(outbox.isDelivered).toBe(true);
  });

  test("of a broadcast that the server has ended takes nothing before a container is begun, if there is none", async () => {
    const { outbox } = filled(100);
    await sendAll(outbox);
    outbox.acknowledge(60, 0);
    outbox.skipTo(0);
    expect(outbox.needsContainer).toBe(true);
    outbox.append(new Blob(["lost"]), 1);
    expect(await sendAll(outbox)).toEqual([]);
    outbox.beginContainer("video/mp4");
    outbox.append(new Blob(["abc"]), 2);
    expect(await sendAll(outbox)).toEqual([3]);
  });

  test("goes on with a broadcast of another life of the page: where the server is, with a new container", async () => {
    const outbox = new Outbox(new KeptBytes({ spill: undefined }));
    expect(outbox.resumeAt(5_000)).toBe(false);
    outbox.skipTo(5_000);
    outbox.beginContainer("video/webm");
    outbox.append(new Blob(["abc"]), 0);
    expect(await sendAll(outbox)).toEqual(["video/webm", 3]);
    outbox.acknowledge(5_003, 1);
    expect(outbox.isDelivered).toBe(true);
    expect(outbox.resumeAt(5_001)).toBe(true);
    expect(await sendAll(outbox)).toEqual([2]);
  });

  test("knows whether the server's archive has anything of the broadcast", async () => {
    const { outbox } = filled(100);
    expect(outbox.isUntouched).toBe(true);
    await sendAll(outbox);
    expect(outbox.isUntouched).toBe(true);
    outbox.acknowledge(1, 0);
    expect(outbox.isUntouched).toBe(false);
  });
});
