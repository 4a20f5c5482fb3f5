import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { LIVE_SUBPROTOCOL } from "../../../server/protocol/live.ts";
import { openConnection } from "./connection.ts";
import type { Crowd } from "./crowd.ts";
import { FrameReader } from "./frame-reader.ts";
import { FRAME_RATE } from "./media.ts";
import { ROOT } from "./talk.ts";

const END_OF_HEAD = "\r\n\r\n";

/** A viewer of the live socket that only reads. */
export class SocketViewer {
  readonly #crowd: Crowd;
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  /** The answer to the upgrade as far as it has come; undefined when it is complete. */
  #head: string | undefined = "";
  #isServed = false;
  #hasEnded = false;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    this.#frames = new FrameReader({
      onRecords: (newestPicture) => this.#take(newestPicture),
      onClose: (code, reason) => this.#end(`${code} ${reason}`),
    });
    this.#socket = openConnection(crowd.aim.port, {
      onOpen: () => this.#socket.write(upgradeRequest()),
      onBytes: (bytes) => {
        crowd.received(bytes.byteLength);
        this.#read(bytes);
      },
      onClosed: () => this.#end("closed"),
    });
  }

  #read(bytes: Buffer): void {
    if (this.#head === undefined) return this.#frames.take(bytes);
    const known = this.#head.length;
    const head = this.#head + bytes.toString("latin1");
    const end = head.indexOf(END_OF_HEAD);
    this.#head = end < 0 ? head : undefined;
    if (end < 0) return;
    if (!head.startsWith("HTTP/1.1 101")) this.#end(head.slice(0, head.indexOf("\r\n")));
    else this.#frames.take(bytes.subarray(end + END_OF_HEAD.length - known));
  }

  #take(newestPicture: number): void {
    this.#crowd.answer();
    if (Number.isNaN(newestPicture)) return;
    if (!this.#isServed) this.#crowd.served();
    this.#isServed = true;
    this.#crowd.picture(this.#crowd.aim.epochMs + (newestPicture + 1 / FRAME_RATE) * 1000);
  }

  #end(reason: string): void {
    this.#socket.destroy();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#isServed) this.#crowd.failed(reason);
    else this.#crowd.refused(reason);
  }
}

function upgradeRequest(): string {
  const lines = [
    `GET ${ROOT}socket HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: ${LIVE_SUBPROTOCOL}`,
  ];
  return lines.join("\r\n") + END_OF_HEAD;
}
