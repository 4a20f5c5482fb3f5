/** The parts of node-media-server that we use; it brings no types of its own. */

declare module "node-media-server/src/protocol/rtmp.js" {
  namespace Rtmp {
    /** A message that is being put together of its chunks. */
    interface Packet {
      readonly header: {
        readonly fmt: number;
        readonly cid: number;
        readonly length: number;
        readonly type: number;
        readonly stream_id: number;
      };
      /** Absolute time in milliseconds. */
      readonly clock: number;
      readonly payload: Buffer;
      readonly capacity: number;
      /** How many have come. */
      bytes: number;
    }
  }

  /** The server's side of one connection. Bytes go in by `parserData`, answers come out by `onOutputCallback`. */
  class Rtmp {
    readonly handshakeState: number;
    readonly inPackets: ReadonlyMap<number, Rtmp.Packet>;
    readonly parserPacket: Rtmp.Packet;
    readonly outChunkSize: number;
    /** A reader of FLV with a buffer of a megabyte; not used for RTMP. */
    flv: unknown;
    streamApp: string;
    streamId: number | undefined;
    objectEncoding: number;
    onOutputCallback: (bytes: Buffer) => void;

    parserData(bytes: Buffer): string | null;
    packetParse(): void;
    packetAlloc(): void;
    controlHandler(): void;
    invokeHandler(): void;
    dataHandler(): void;
    onConnect(message: unknown): void;
    onCreateStream(message: unknown): void;
    onPublish(message: unknown): void;
    onPlay(message: unknown): void;
    onDeleteStream(message: unknown): void;
    sendACK(bytes: number): void;
    sendWindowACK(bytes: number): void;
    setPeerBandwidth(bytes: number, type: number): void;
    setChunkSize(bytes: number): void;
    sendStatusMessage(streamId: number, level: "status" | "error", code: string, description: string): void;
    respondConnect(transaction: number): void;
    respondCreateStream(transaction: number): void;
  }

  export = Rtmp;
}

declare module "node-media-server/src/core/logger.js" {
  /** Writes to the standard output. */
  const logger: { log: (message: string, level?: string) => void };
  export = logger;
}
