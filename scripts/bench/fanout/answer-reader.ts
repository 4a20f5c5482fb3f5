/** One HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly gzipped: boolean;
  /** Empty when it was not wanted. */
  readonly body: Buffer;
}

const END_OF_HEAD = "\r\n\r\n";

/** Reads HTTP/1.1 answers with a Content-Length off a connection that is kept open, one after the other. */
export class AnswerReader {
  readonly #onAnswer: (answer: Answer) => void;
  #keepsBody = true;
  #head = "";
  #status = 0;
  #gzipped = false;
  /** Bytes of the body that have not come; undefined while the head is being read. */
  #left: number | undefined;
  #body: Buffer[] = [];

  constructor(onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer;
  }

  /** Says whether somebody wants to see the body of the next answer. */
  expect(keepsBody: boolean): void {
    this.#keepsBody = keepsBody;
  }

  /** Takes the next bytes of the connection; they are the caller's again afterwards. */
  take(bytes: Buffer): void {
    let rest = bytes;
    while (rest.byteLength > 0)
      rest = this.#left === undefined ? this.#takeHead(rest) : this.#takeBody(rest, this.#left);
  }

  #takeHead(bytes: Buffer): Buffer {
    // A head that is cut somewhere in its end is found in what was kept.
    const known = this.#head.length;
    const text = this.#head + bytes.toString("latin1");
    const end = text.indexOf(END_OF_HEAD, Math.max(0, known - END_OF_HEAD.length));
    if (end < 0) {
      this.#head = text;
      return bytes.subarray(bytes.byteLength);
    }
    const head = text.slice(0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1]);
    if (!Number.isSafeInteger(length)) throw new Error(`an answer without a length: ${head}`);
    this.#head = "";
    this.#status = Number(head.slice(9, 12));
    this.#gzipped = /^content-encoding: *gzip/im.test(head);
    this.#left = length;
    if (length === 0) this.#finish();
    return bytes.subarray(end + END_OF_HEAD.length - known);
  }

  #takeBody(bytes: Buffer, left: number): Buffer {
    const piece = bytes.subarray(0, left);
    if (this.#keepsBody) this.#body.push(Buffer.from(piece));
    this.#left = left - piece.byteLength;
    if (this.#left === 0) this.#finish();
    return bytes.subarray(piece.byteLength);
  }

  #finish(): void {
    const body = Buffer.concat(this.#body);
    this.#body = [];
    this.#left = undefined;
    this.#onAnswer({ status: this.#status, gzipped: this.#gzipped, body });
  }
}
