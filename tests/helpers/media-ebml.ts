import { ID } from "../../server/media/matroska-ids.ts";

/** An EBML element around `parts`, with a size of eight bytes. */
export function element(id: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.byteLength));
  size[0] = 0x01;
  return Buffer.concat([idBytes(id), size, body]);
}

/** The same without a size: it ends where something begins that cannot be inside. */
export function openElement(id: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([idBytes(id), Buffer.from([0xff]), ...parts]);
}

/** An element that holds a number. */
export function number(id: number, value: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(value);
  return element(id, body);
}

/** An EBML header that announces `docType`. */
export function ebmlHeader(docType = "webm"): Buffer {
  return element(ID.ebml, element(ID.docType, Buffer.from(docType)));
}

/** Tracks with a VP8 track 1 and an Opus track 2, or only some of them. */
export function tracks(numbers: readonly number[] = [1, 2]): Buffer {
  const entries = numbers.map((track) =>
    element(
      ID.trackEntry,
      number(ID.trackNumber, track),
      number(ID.trackType, track === 1 ? 1 : 2),
      element(ID.codecId, Buffer.from(track === 1 ? "V_VP8" : "A_OPUS")),
    ),
  );
  return element(ID.tracks, ...entries);
}

/** The inside of a block: `ticks` are relative to the cluster. */
export function blockBody(track: number, ticks: number, flags: number, payload = Buffer.alloc(9, 0x55)): Buffer {
  const header = Buffer.alloc(4);
  header[0] = 0x80 | track;
  header.writeInt16BE(ticks, 1);
  header[3] = flags;
  return Buffer.concat([header, payload]);
}

/** A SimpleBlock of a key frame or another. */
export function simpleBlock(track: number, ticks: number, key: boolean): Buffer {
  return element(ID.simpleBlock, blockBody(track, ticks, key ? 0x80 : 0));
}

/** A BlockGroup; with a reference it is no key frame. */
export function blockGroup(track: number, ticks: number, key: boolean): Buffer {
  const reference = key ? [] : [number(ID.referenceBlock, 1)];
  return element(
    ID.blockGroup,
    element(ID.block, blockBody(track, ticks, 0)),
    number(ID.blockDuration, 33),
    ...reference,
  );
}

/** The inside of a cluster. */
export function clusterBody(timestamp: number, ...blocks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([number(ID.timestamp, timestamp), ...blocks]);
}

function idBytes(id: number): Buffer {
  const hex = id.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}
