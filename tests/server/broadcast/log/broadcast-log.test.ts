import { setMaxListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BroadcastLog, Lagged } from "../../../../server/broadcast/log/broadcast-log.ts";
import { FileStore, type LogStore, PieceStore } from "../../../../server/broadcast/log/log-store.ts";
import { Turns } from "../../../../server/core/turns.ts";
import { collect, dice, digest, noise, piecesOf } from "../../../helpers/bytes.ts";
import { eventually, settle } from "../../../helpers/eventually.ts";
import { heldBytes } from "../../../helpers/memory.ts";
import { tempFolder } from "../../../helpers/temp-folder.ts";

const MIB = 1024 * 1024;
/** For followers that nobody stops. */
const { signal } = new AbortController();

interface FileLog extends AsyncDisposable {
  readonly log: BroadcastLog;
  readonly path: string;
}

async function fileLog(): Promise<FileLog> {
  const folder = await tempFolder();
  const path = join(folder.path, "source.webm");
  const log = new BroadcastLog(await FileStore.create(path));
  const close = async () => {
    await log[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { log, path, [Symbol.asyncDispose]: close };
}

/** A disk that takes as long as the test wants; it stands for a slow or broken one. */
class HeldStore implements LogStore {
  readonly start = 0;
  bytes = Buffer.alloc(0);
  /** How many bytes were there at each sync. */
  readonly syncs: number[] = [];
  /** Set: nothing can be written, and nobody needs to wait to hear so. */
  failure: Error | undefined;
  syncFailure: Error | undefined;
  #waiting: ((failure?: Error) => void)[] = [];

  append(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push((failure) => {
        if (failure !== undefined) return reject(failure);
        this.bytes = Buffer.concat([this.bytes, ...chunks]);
        resolve();
      });
    });
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.bytes.subarray(offset, offset + length);
  }

  async sync(): Promise<void> {
    this.syncs.push(this.bytes.byteLength);
    if (this.syncFailure !== undefined) throw this.syncFailure;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Ends the write under way, well or badly. */
  release(failure?: Error): void {
    this.#waiting.shift()?.(failure);
  }
}

/** Whether a promise is still open when everything that can happen by itself has happened. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const done = () => {
    pending = false;
  };
  promise.then(done, done);
  await settle();
  return pending;
}

describe("appending", () => {
  test("what was appended is the file, byte for byte, and in order", async () => {
    await using file = await fileLog();
    const bytes = noise(3 * MIB);
    for (const piece of piecesOf(bytes, 50_000)) await file.log.append(piece);
    await file.log.end();
    expect(digest(await readFile(file.path))).toBe(digest(bytes));
    expect([file.log.length, file.log.written]).toEqual([bytes.byteLength, bytes.byteLength]);
  });

  test("appends that do not wait for each other keep their order", async () => {
    await using file = await fileLog();
    const bytes = noise(MIB);
    await Promise.all(piecesOf(bytes, 5_000).map((piece) => file.log.append(piece)));
    await file.log.end();
    expect(digest(await readFile(file.path))).toBe(digest(bytes));
  });

  test("after the end nothing can be appended", async () => {
    await using file = await fileLog();
    await file.log.append(Buffer.from("all"));
    await file.log.end();
    await expect(file.log.append(Buffer.from("more"))).rejects.toMatchObject({ code: "bad_request" });
    expect(await readFile(file.path, "utf8")).toBe("all");
  });

  test("nothing appended is nothing", async () => {
    await using file = await fileLog();
    await file.log.append(Buffer.alloc(0));
    await file.log.end();
    expect(file.log.length).toBe(0);
    expect(await collect(file.log.follow({ from: 0, signal }))).toHaveLength(0);
  });
});

describe("following", () => {
  test("from any offset yields all bytes from there on, from file and memory, while they are appended", async () => {
    await using file = await fileLog();
    const bytes = noise(12 * MIB);
    const random = dice(3);
    const followers: Promise<void>[] = [];
    const follow = () => {
      const from = Math.floor(random() * (file.log.length + 1));
      const all = collect(file.log.follow({ from, signal }));
      followers.push(all.then((read) => expect(digest(read)).toBe(digest(bytes.subarray(from)))));
    };
    follow();
    for (const [index, piece] of piecesOf(bytes, 60_000).entries()) {
      await file.log.append(piece);
      if (index % 40 === 0) follow();
    }
    await file.log.end();
    follow();
    expect(followers.length).toBeGreaterThan(10);
    await Promise.all(followers);
    expect(file.log.waiting).toBe(0);
  });

  test("an ended log is read from the file, as far as it is not in memory", async () => {
    await using file = await fileLog();
    const bytes = noise(9 * MIB);
    for (const piece of piecesOf(bytes, MIB)) await file.log.append(piece);
    await file.log.end();
    expect(digest(await collect(file.log.follow({ from: 0, signal })))).toBe(digest(bytes));
  });

  test("a follower that keeps up gets the publisher's own buffers", async () => {
    await using file = await fileLog();
    const chunk = noise(1_000);
    const next = file.log.follow({ from: 0, signal }).next();
    await file.log.append(chunk);
    const { value } = await next;
    expect((value as Uint8Array).buffer).toBe(chunk.buffer);
  });

  test("stops exactly where it is told, also when that becomes known while it waits", async () => {
    await using file = await fileLog();
    await file.log.append(Buffer.from("first epoch"));
    const known = collect(file.log.follow({ from: 2, until: () => 5, signal }));
    expect((await known).toString()).toBe("rst");

    let end: number | undefined;
    const waiting = collect(file.log.follow({ from: 0, until: () => end, signal }));
    await eventually("the follower waits", () => file.log.waiting === 1);
    end = 11;
    file.log.nudge();
    expect((await waiting).toString()).toBe("first epoch");
  });

  test("an end in the middle of a chunk that comes later is kept", async () => {
    await using file = await fileLog();
    const read = collect(file.log.follow({ from: 0, until: () => 7, signal }));
    await file.log.append(Buffer.from("12345"));
    await file.log.append(Buffer.from("67890"));
    expect((await read).toString()).toBe("1234567");
  });

  test("who is stopped while waiting leaves nobody behind", async () => {
    await using file = await fileLog();
    const stop = new AbortController();
    setMaxListeners(20, stop.signal);
    const followers = Array.from({ length: 20 }, () => collect(file.log.follow({ from: 0, signal: stop.signal })));
    const ends = Promise.allSettled(followers);
    await eventually("all wait", () => file.log.waiting === 20);
    stop.abort(new Error("left"));
    for (const end of await ends) expect(end).toEqual({ status: "rejected", reason: new Error("left") });
    expect(file.log.waiting).toBe(0);
  });

  test("the end wakes those who wait", async () => {
    await using file = await fileLog();
    const followers = Array.from({ length: 5 }, () => collect(file.log.follow({ from: 0, signal })));
    await eventually("all wait", () => file.log.waiting === 5);
    await file.log.append(Buffer.from("last"));
    await eventually("all wait again", () => file.log.waiting === 5);
    await file.log.end();
    expect((await Promise.all(followers)).map(String)).toEqual(Array.from({ length: 5 }, () => "last"));
    expect(file.log.waiting).toBe(0);
  });

  test("a slice lies anywhere, in memory or in the file", async () => {
    await using file = await fileLog();
    const bytes = noise(9 * MIB);
    for (const piece of piecesOf(bytes, 300_000)) await file.log.append(piece);
    await file.log.end();
    const ranges = [
      [0, 10],
      [100, 600_000],
      [4 * MIB - 7, 6 * MIB],
      [9 * MIB - 5, 9 * MIB],
      [5, 5],
    ] as const;
    for (const [from, to] of ranges) {
      expect(digest(await file.log.slice(from, to))).toBe(digest(bytes.subarray(from, to)));
    }
  });
});

describe("memory", () => {
  test("stays bounded with 50 followers that are slower than the publisher", async () => {
    await using file = await fileLog();
    const stop = new AbortController();
    const followers = Array.from({ length: 50 }, () => file.log.follow({ from: 0, signal: stop.signal }));
    const before = heldBytes();
    let most = 0;
    const total = 128 * MIB;
    for (let sent = 0; sent < total; sent += 128 * 1024) {
      await file.log.append(Buffer.alloc(128 * 1024, sent / 1024));
      if (sent % (16 * MIB) !== 0) continue;
      await Promise.all(followers.map((follower) => follower.next()));
      most = Math.max(most, heldBytes() - before);
    }
    expect(file.log.length).toBe(total);
    // The tail (4 MiB), what waits for the disk (8 MiB), and what each follower holds in its hands (256 KiB).
    expect(most).toBeLessThan(32 * MIB);
    stop.abort();
    await Promise.all(followers.map((follower) => follower.return()));
  });
});

describe("a disk that is slow", () => {
  test("lets the publisher go on until 8 MiB wait, then makes it wait", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    await log.append(Buffer.alloc(8 * MIB - 1));
    await log.append(Buffer.alloc(1));
    const paced = log.append(Buffer.from("x"));
    expect(await isPending(paced)).toBe(true);
    store.release();
    await eventually("the first write is over", () => log.written === 8 * MIB - 1);
    store.release();
    await paced;
    expect(log.written).toBe(8 * MIB + 1);
    await log.end();
  });

  test("is given all that waits in one batch", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    for (const text of ["a", "b", "c", "d"]) await log.append(Buffer.from(text));
    store.release();
    await settle();
    expect(store.bytes.toString()).toBe("a");
    const flushed = log.flush();
    store.release();
    await flushed;
    expect(store.bytes.toString()).toBe("abcd");
    await log.end();
  });

  test("does not keep followers from what is in memory", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    await log.append(Buffer.from("now"));
    const { value } = await log.follow({ from: 0, signal }).next();
    expect([String(value), log.written]).toEqual(["now", 0]);
    store.release();
    await log.end();
  });

  test("keeps the end waiting until all is written", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    await log.append(Buffer.from("bytes"));
    const ended = log.end();
    expect(await isPending(ended)).toBe(true);
    store.release();
    await ended;
    expect(store.bytes.toString()).toBe("bytes");
  });
});

describe("a disk that fails", () => {
  async function failed(store = new HeldStore()): Promise<BroadcastLog> {
    store.failure = new Error("ENOSPC: no space left on device");
    const log = new BroadcastLog(store);
    await log.append(Buffer.from("kept in memory"));
    await settle();
    return log;
  }

  test("refuses what comes next with the reason", async () => {
    const log = await failed();
    const next = log.append(Buffer.from("more"));
    await expect(next).rejects.toMatchObject({ code: "no_room", message: expect.stringMatching(/ENOSPC/) });
    expect(log.written).toBe(0);
  });

  test("takes nothing while it is full, and what it had taken is in the file once there is room", async () => {
    const store = new HeldStore();
    const log = await failed(store);
    await expect(log.append(Buffer.from(" lost"))).rejects.toMatchObject({ code: "no_room" });
    await expect(log.flush()).rejects.toMatchObject({ code: "no_room" });
    expect([log.length, log.written, log.isBroken]).toEqual([14, 0, false]);
    store.failure = undefined;
    const flushed = log.flush();
    await settle();
    store.release();
    await flushed;
    expect([log.written, log.refusal]).toEqual([14, undefined]);
    await log.append(Buffer.from(" and more"));
    const ended = log.end();
    await settle();
    store.release();
    await ended;
    expect(store.bytes.toString()).toBe("kept in memory and more");
  });

  test("frees a publisher that it kept waiting", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    const paced = log.append(Buffer.alloc(8 * MIB + 1));
    store.release(new Error("EIO"));
    await expect(paced).rejects.toMatchObject({ code: "no_room" });
  });

  test("is told again by the end, and lets followers read what is there", async () => {
    const log = await failed();
    await expect(log.end()).rejects.toMatchObject({ code: "no_room" });
    expect((await collect(log.follow({ from: 0, signal }))).toString()).toBe("kept in memory");
    await log[Symbol.asyncDispose]();
  });
});

describe("a power cut", () => {
  test("costs no more than what came since the last sync, which follows each write", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    await log.append(Buffer.from("first"));
    store.release();
    await eventually("it is written", () => log.written === 5);
    await eventually("it is synced", () => store.syncs.length === 1);
    await log.append(Buffer.from(" second"));
    store.release();
    await log.end();
    expect(store.syncs).toEqual([5, 12]);
  });

  test("after the end costs nothing, and an idle log is not synced again and again", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    await log.append(Buffer.from("bytes"));
    store.release();
    await log.end();
    await log.end();
    expect(store.syncs).toEqual([5]);
  });

  test("is prepared for by one log at a time, and nobody's appends wait for that", async () => {
    const syncs = new Turns();
    let release = () => {};
    const held = syncs.take(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const store = new HeldStore();
    const log = new BroadcastLog(store, { syncs });
    await log.append(Buffer.from("bytes"));
    store.release();
    await settle();
    const ended = log.end();
    expect(await isPending(ended)).toBe(true);
    expect([log.written, store.syncs]).toEqual([5, []]);
    release();
    await Promise.all([held, ended]);
    expect(store.syncs).toEqual([5]);
  });

  test("cannot be prepared for any more once the disk refused: the publisher is told", async () => {
    const store = new HeldStore();
    const log = new BroadcastLog(store);
    store.syncFailure = new Error("EIO: i/o error");
    await log.append(Buffer.from("bytes"));
    store.release();
    await settle();
    await expect(log.end()).rejects.toMatchObject({ code: "no_room", message: expect.stringMatching(/EIO/) });
  });
});

describe("a log of an earlier life", () => {
  test("goes on at its end, and is followed from any offset", async () => {
    await using file = await fileLog();
    const bytes = noise(6 * MIB);
    const cut = 4 * MIB + 77;
    await file.log.append(bytes.subarray(0, cut));
    await file.log[Symbol.asyncDispose]();
    const store = await FileStore.reopen(file.path);
    await using log = new BroadcastLog(store, { length: store.initialBytes });
    expect([log.length, log.written, log.start]).toEqual([cut, cut, 0]);
    const reads = [0, 1_000, cut - 1, cut].map((from) => collect(log.follow({ from, signal })));
    for (const piece of piecesOf(bytes.subarray(cut), 90_000)) await log.append(piece);
    await log.end();
    for (const [index, from] of [0, 1_000, cut - 1, cut].entries()) {
      expect(digest((await reads[index]) ?? Buffer.alloc(0))).toBe(digest(bytes.subarray(from)));
    }
    expect(digest(await readFile(file.path))).toBe(digest(bytes));
  });

  test("that is not there is not made", async () => {
    await using folder = await tempFolder();
    await expect(FileStore.reopen(join(folder.path, "source.webm"))).rejects.toThrow("ENOENT");
  });
});

describe("a log without recording", () => {
  /** As slowly as a publisher sends: pieces grow by whole batches. */
  async function appendAndWrite(log: BroadcastLog, piece: Uint8Array): Promise<void> {
    await log.append(piece);
    await log.flush();
  }

  test("throws Lagged at a follower whose bytes have been deleted, and serves the others", async () => {
    await using folder = await tempFolder();
    const store = new PieceStore(join(folder.path, "log"), { pieceBytes: MIB, keepPieces: 2 });
    await using log = new BroadcastLog(store);
    const behind = log.follow({ from: 0, signal });
    const bytes = noise(10 * MIB);
    for (const piece of piecesOf(bytes, 100_000)) await appendAndWrite(log, piece);
    await expect(behind.next()).rejects.toThrow(Lagged);
    await log.end();
    const from = 6 * MIB + 1;
    expect(digest(await collect(log.follow({ from, signal })))).toBe(digest(bytes.subarray(from)));
  });

  test("throws Lagged at one who read from the beginning and then paused", async () => {
    await using folder = await tempFolder();
    const store = new PieceStore(join(folder.path, "log"), { pieceBytes: MIB, keepPieces: 2 });
    await using log = new BroadcastLog(store);
    const paused = log.follow({ from: 0, signal });
    const first = paused.next();
    await log.append(noise(1_000));
    expect((await first).value).toHaveLength(1_000);
    for (const piece of piecesOf(noise(10 * MIB), 100_000)) await appendAndWrite(log, piece);
    await expect(paused.next()).rejects.toThrow(Lagged);
  });
});
