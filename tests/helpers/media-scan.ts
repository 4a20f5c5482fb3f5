import { type ContainerEvent, type ContainerFamily, createScanner } from "../../server/media/container.ts";

/** Cuts `bytes` into chunks of `size` bytes. */
export function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/**
 * All events of a stream that arrives in these chunks. Each chunk's memory is overwritten after the call, as a caller
 * that reuses its buffers would.
 */
export function scan(family: ContainerFamily, chunks: readonly Uint8Array[], startOffset = 0): ContainerEvent[] {
  const scanner = createScanner(family, startOffset);
  const events = chunks.flatMap((chunk) => {
    const lent = new Uint8Array(chunk);
    const found = scanner.push(lent);
    lent.fill(0xaa);
    return found;
  });
  scanner.end();
  return events;
}

/** The events of one type. */
export function only<T extends ContainerEvent["type"]>(events: readonly ContainerEvent[], type: T) {
  return events.filter((event): event is Extract<ContainerEvent, { type: T }> => event.type === type);
}
