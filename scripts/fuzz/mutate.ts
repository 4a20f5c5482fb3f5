/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values at which readers of numbers stumble. */
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];
const MOST_BYTES = 8 * 1024;

/** A damaged copy of one input, with pieces of another. */
export function mutate(input: Buffer, other: Buffer, random: () => number): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let rounds = 1 + Math.floor(random() * 4); rounds > 0; rounds--) bytes = change(bytes, other, random);
  return bytes.subarray(0, MOST_BYTES);
}

function change(bytes: Buffer, other: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * (bytes.byteLength + 1));
  const length = Math.floor(random() ** 2 * 64);
  const piece = other.subarray(Math.floor(random() * other.byteLength)).subarray(0, length);
  switch (Math.floor(random() * 6)) {
    case 0:
      return flip(bytes, at, random);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.byteLength)]);
    case 4:
      return bytes.subarray(0, at);
    default:
      return Buffer.from(bytes).fill(
        EDGES[Math.floor(random() * EDGES.length)] ?? 0,
        at,
        Math.min(bytes.byteLength, at + 1 + (length % 8)),
      );
  }
}

function flip(bytes: Buffer, at: number, random: () => number): Buffer {
  const flipped = Buffer.from(bytes);
  if (at < flipped.byteLength) flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return flipped;
}
