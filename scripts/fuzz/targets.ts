import { parse as parseQuery } from "node:querystring";
import { ZodError } from "zod";
import { isLiveError } from "../../server/core/errors.ts";
import { parseDirectives } from "../../server/delivery/directives.ts";
import { BoxReader } from "../../server/media/boxes.ts";
import { parseChunk, parseInit } from "../../server/media/cmaf.ts";
import { type ContainerFamily, createScanner } from "../../server/media/container.ts";
import { FramesScanner } from "../../server/media/frames-scanner.ts";
import { PrefixedReader } from "../../server/media/length-prefixed.ts";
import { liveClientMessage, readRecords } from "../../server/protocol/live.ts";

/**
 * One reader of outside bytes. `run` gives a word for what the reader made of the input, so that inputs which lead
 * somewhere new can be told; whatever it throws, and whatever it keeps beyond its bounds, is a finding.
 */
export interface FuzzTarget {
  readonly name: string;
  run(input: Buffer, sizes: readonly number[]): string;
}

/** A moov may be this large before it must be refused (server/media/mp4-boxes.ts); nothing may hold more. */
const MOST_HELD_BYTES = 4 * 1024 * 1024 + 64;
const MAX_BOX_BYTES = 1 << 20;

/** All readers of what strangers send. */
export const targets: readonly FuzzTarget[] = [
  { name: "webm", run: (input, sizes) => scan("ebml", input, sizes) },
  { name: "mp4", run: (input, sizes) => scan("mp4", input, sizes) },
  { name: "flv", run: (input, sizes) => scan("flv", input, sizes) },
  { name: "frames", run: readFrames },
  { name: "cmaf", run: readCmaf },
  { name: "live-records", run: (input) => refusedAs(() => describeRecords(input)) },
  { name: "live-words", run: (input) => refusedAs(() => liveClientMessage.parse(JSON.parse(input.toString())).type) },
  {
    name: "directives",
    run: (input) => refusedAs(() => JSON.stringify(Object.keys(parseDirectives(parseQuery(input.toString("latin1")))))),
  },
];

function scan(family: ContainerFamily, input: Buffer, sizes: readonly number[]): string {
  const scanner = createScanner(family);
  const seen = new Set<string>();
  const refusal = refusedAs(() => {
    for (const piece of pieces(input, sizes)) {
      for (const event of scanner.push(piece)) seen.add(event.type);
      if (scanner.heldBytes > MOST_HELD_BYTES) throw new Error(`the scanner holds ${scanner.heldBytes} bytes`);
    }
    scanner.end();
    return "";
  });
  return [...seen, refusal].join(" ");
}

/** What a publisher of images sends behind the reader of lengths, and what a log of them is read with. */
function readFrames(input: Buffer, sizes: readonly number[]): string {
  const reader = new PrefixedReader(MAX_BOX_BYTES);
  const scanner = new FramesScanner({ now: () => 0 });
  const seen = new Set<string>();
  const refusal = refusedAs(() => {
    for (const piece of pieces(input, sizes)) {
      for (const found of reader.push(piece)) {
        seen.add(found.type);
        if (found.type === "message") for (const event of scanner.push(found.bytes)) seen.add(event.type);
      }
      if (reader.heldBytes > MAX_BOX_BYTES + 4) throw new Error(`the reader holds ${reader.heldBytes} bytes`);
    }
    return "";
  });
  return [...seen, refusal].join(" ");
}

function readCmaf(input: Buffer, sizes: readonly number[]): string {
  const boxes = new BoxReader({ maxBoxBytes: MAX_BOX_BYTES });
  return refusedAs(() => {
    const read = pieces(input, sizes).flatMap((piece) => boxes.push(piece));
    const init = parseInit(Buffer.concat(read.filter(({ type }) => type !== "moof").map(({ bytes }) => bytes)));
    const chunks = read.filter(({ type }) => type === "moof").map(({ bytes }) => parseChunk(bytes, init));
    return `${init.kind} ${Math.min(chunks.length, 3)}`;
  });
}

function describeRecords(input: Buffer): string {
  const records = readRecords(new Uint8Array(input).buffer).slice(0, 1);
  return [
    ...new Set(records.map(({ kind, key, breaks }) => `${kind}${key ? " key" : ""}${breaks ? " breaks" : ""}`)),
  ].join();
}

/** What the reader said, or in which words it refused: without what is quoted or counted, which is always news. */
function refusedAs(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof ZodError) return `refused: ${error.issues[0]?.code}`;
    if (error instanceof SyntaxError) return "refused: no JSON";
    if (!isLiveError(error) && !(error instanceof RangeError)) throw error;
    const [words = ""] = error.message.split(/['"“:(\d]/);
    return `refused: ${words.trim()}`;
  }
}

/** The input cut into pieces of these sizes, over and over. */
function pieces(input: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < input.byteLength; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    cut.push(input.subarray(at, at + size));
    at += size;
  }
  return cut;
}
