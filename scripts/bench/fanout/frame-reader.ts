import { RECORD_HEADER_BYTES } from "../../../server/protocol/live.ts";

/** Told what came in. */
export interface FrameListener {
  /** A message of records is complete; `newestPicture` is the time of its last chunk of picture, or NaN. */
  onRecords(newestPicture: number): void;
  onClose(code: number, reason: string): void;
}

/** RFC 6455 §5.2. */
const OPCODE = { binary: 2, close: 8 };
/** Of a record: kind 2 is a chunk, the picture is track 0. */
const CHUNK = 2;

/** What the next bytes are. */
type State = "frame" | "length" | "record" | "close";

/**
 * Reads what a server of the live socket sends, at the least cost: only headers are looked at, the rest is counted away.
 * Understands whole messages of what `server/protocol/live.ts` describes, and closes.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #head = Buffer.alloc(256);
  #filled = 0;
  #wanted = 2;
  #state: State = "frame";
  #opcode = 0;
  /** Bytes of the frame that have not been read. */
  #left = 0;
  /** Bytes that nobody looks at. */
  #skip = 0;
  #newestPicture = Number.NaN;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Takes the next bytes of the connection; they are the caller's again afterwards. */
  take(bytes: Uint8Array): void {
    const to = bytes.byteLength;
    let at = 0;
    while (at < to) {
      const skipped = Math.min(this.#skip, to - at);
      this.#skip -= skipped;
      at += skipped;
      if (this.#skip > 0) return;
      if (skipped > 0) this.#endOfPayload();
      const taken = Math.min(this.#wanted - this.#filled, to - at);
      for (let index = 0; index < taken; index++) this.#head[this.#filled++] = bytes[at++] ?? 0;
      if (this.#filled === this.#wanted) this.#read();
    }
  }

  #read(): void {
    const head = this.#head;
    this.#filled = 0;
    switch (this.#state) {
      case "frame":
        return this.#readFrame((head[0] ?? 0) & 0x0f, (head[1] ?? 0) & 0x7f);
      case "length":
        return this.#begin(this.#wanted === 2 ? head.readUInt16BE(0) : Number(head.readBigUInt64BE(0)));
      case "record":
        return this.#readRecord(head);
      case "close":
        this.#listener.onClose(head.readUInt16BE(0), head.toString("utf8", 2, this.#wanted));
        return this.#expect("frame", 2);
    }
  }

  #readFrame(opcode: number, length: number): void {
    this.#opcode = opcode;
    if (length === 126) return this.#expect("length", 2);
    if (length === 127) return this.#expect("length", 8);
    this.#begin(length);
  }

  #begin(length: number): void {
    this.#left = length;
    if (this.#opcode === OPCODE.binary) this.#newestPicture = Number.NaN;
    if (this.#opcode === OPCODE.close && length >= 2) return this.#expect("close", length);
    if (this.#opcode === OPCODE.binary && length > 0) return this.#expect("record", RECORD_HEADER_BYTES);
    this.#expect("frame", 2);
    this.#skip = length;
    this.#left = 0;
  }

  #readRecord(head: Buffer): void {
    const payload = head.readUInt32BE(4);
    if (head[0] === CHUNK && head[1] === 0) this.#newestPicture = head.readDoubleBE(8);
    this.#left -= RECORD_HEADER_BYTES + payload;
    this.#skip = payload;
    if (this.#left < 0) throw new Error("a record that is longer than its message");
    if (payload === 0) this.#endOfPayload();
  }

  /** After a record's payload the message is complete, or the next record begins. */
  #endOfPayload(): void {
    if (this.#state !== "record" || this.#left > 0) return;
    this.#expect("frame", 2);
    this.#listener.onRecords(this.#newestPicture);
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#wanted = bytes;
  }
}
