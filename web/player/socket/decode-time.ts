/** Bytes of a box's size and type (ISO/IEC 14496-12 §4.2). */
const BOX_HEADER_BYTES = 8;

/** A box's place in its chunk. */
interface Box {
  readonly begin: number;
  readonly end: number;
}

/** A chunk's decode time in ticks: baseMediaDecodeTime of its first track fragment; undefined when there is none. */
export function decodeTimeOf(chunk: Uint8Array): bigint | undefined {
  const place = timePlace(chunk);
  return place?.read();
}

/** The same chunk at another decode time. Throws `RangeError` when it has no place for it. */
export function withDecodeTime(chunk: Uint8Array, ticks: bigint): Uint8Array {
  const copy = chunk.slice();
  const place = timePlace(copy);
  if (place === undefined) throw new RangeError("this chunk has no decode time");
  place.write(ticks);
  return copy;
}

/** The tfdt box's time: 32 or 64 bits, by its version (ISO/IEC 14496-12 §8.8.12). */
function timePlace(chunk: Uint8Array): { read: () => bigint; write: (ticks: bigint) => void } | undefined {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const moof = findBox(view, "moof", { begin: 0, end: view.byteLength });
  const traf = moof && findBox(view, "traf", moof);
  const tfdt = traf && findBox(view, "tfdt", traf);
  if (tfdt === undefined || tfdt.end - tfdt.begin < 8) return undefined;
  const at = tfdt.begin + 4;
  if (view.getUint8(tfdt.begin) === 0) {
    return { read: () => BigInt(view.getUint32(at)), write: (ticks) => view.setUint32(at, Number(ticks)) };
  }
  if (tfdt.end - at < 8) return undefined;
  return { read: () => view.getBigUint64(at), write: (ticks) => view.setBigUint64(at, ticks) };
}

/** The content of the first box of a type; undefined when there is none or a size is impossible. */
function findBox(view: DataView, type: string, within: Box): Box | undefined {
  for (let at = within.begin; at + BOX_HEADER_BYTES <= within.end; ) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)));
    if (size < BOX_HEADER_BYTES || at + size > within.end) return undefined;
    if (name === type) return { begin: at + BOX_HEADER_BYTES, end: at + size };
    at += size;
  }
  return undefined;
}
