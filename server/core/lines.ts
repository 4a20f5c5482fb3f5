import { createReadStream } from "node:fs";

/** No line of ours is nearly as long; what has no end is no text. */
const MAX_LINE_CHARACTERS = 1 << 20;

/**
 * The lines of a text file, read as they are asked for. Throws what reading fails with, and when a line is longer than
 * a million characters. With Node's own
 * `readLines` a file handle has two owners, and one read in thousands came to nothing on a busy machine.
 */
export async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const text of createReadStream(path, "utf8")) {
    const lines = (rest + String(text)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_CHARACTERS) throw new Error(`${path} has a line that does not end`);
    yield* lines;
  }
  if (rest !== "") yield rest;
}
