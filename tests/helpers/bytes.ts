import { createCipheriv, createHash } from "node:crypto";

/** The same bytes for the same seed, as uneven as media. */
export function noise(length: number, seed = 1): Buffer {
  const key = Buffer.alloc(16, seed);
  return createCipheriv("aes-128-ctr", key, key).update(Buffer.alloc(length));
}

/** Numbers in [0, 1), the same for the same seed. */
export function dice(seed = 1): () => number {
  let state = seed | 1;
  return () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return (state >>> 8) / 2 ** 24;
  };
}

/** Cuts bytes into pieces of 1 to `largest` bytes, the same for the same seed. */
export function piecesOf(bytes: Uint8Array, largest: number, seed = 1): Uint8Array[] {
  const random = dice(seed);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieces.at(-1)?.byteLength ?? 0) {
    pieces.push(bytes.subarray(at, at + 1 + Math.floor(random() * largest)));
  }
  return pieces;
}

/** All that comes, in one buffer. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Hex SHA-256. */
export function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
