import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { AppendFile } from "../core/append-file.ts";
import { BatchWriter } from "../core/batch-writer.ts";
import { messageOf } from "../core/errors.ts";
import { linesOf } from "../core/lines.ts";
import { Turns } from "../core/turns.ts";
import { type ChatLine, chatLine } from "../protocol/chat.ts";

/** In the folder of a recording: one JSON object a line, a line of chat or the ids of lines that were taken back. */
const NAME = "chat.jsonl";
const WRITE_EVERY_MS = 500;
/** A slow or full disk must not fill the memory: at the room's fastest these are some minutes. */
const MAX_WAITING = 5_000;
/** Weeks of a busy chat. Who fills it up should not fill the disk. */
const MAX_BYTES = 64 * 1024 * 1024;

const entry = z.union([chatLine, z.object({ deleted: z.array(z.string()) })]);
const NEWLINE = 0x0a;

/** Keeps the chat of one broadcast with its recording. What cannot be kept is said once, and stops nobody. */
export class ChatFile implements AsyncDisposable {
  readonly #folder: string;
  readonly #path: string;
  /** What changes the file. */
  readonly #turns = new Turns();
  readonly #report: (problem: string) => void;
  readonly #writer: BatchWriter<Buffer>;
  #file: AppendFile | undefined;
  #closing: Promise<void> | undefined;
  #hasReported = false;

  constructor(folder: string, report: (problem: string) => void) {
    this.#folder = folder;
    this.#path = join(folder, NAME);
    this.#report = report;
    this.#writer = new BatchWriter({
      everyMs: WRITE_EVERY_MS,
      write: (lines) => this.#turns.take(() => this.#append(lines)),
    });
  }

  add(line: ChatLine): void {
    this.#write(line);
  }

  /** A line was taken back; works also after the end of the broadcast. */
  delete(id: string): void {
    this.#write({ deleted: [id] });
  }

  /** Resolves when everything is in the file, or cannot be, and nothing of what was taken back is. It may be opened again. */
  close(): Promise<void> {
    this.#closing = (this.#closing ?? Promise.resolve()).then(() => this.#close());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #write(what: object): void {
    if (this.#writer.waiting >= MAX_WAITING) return this.#fail("the disk is too slow or full");
    this.#writer.add(Buffer.from(`${JSON.stringify(what)}\n`));
    if (this.#closing !== undefined) void this.close();
  }

  async #append(lines: readonly Buffer[]): Promise<void> {
    try {
      this.#file ??= await openToAppend(this.#path);
      if (this.#file.size > MAX_BYTES) return this.#fail("it is too large");
      await this.#file.append(lines);
    } catch (error) {
      this.#fail(messageOf(error));
      throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#writer.flush();
    await this.#turns
      .take(async () => {
        const file = this.#file;
        this.#file = undefined;
        await file?.[Symbol.asyncDispose]();
        if (file !== undefined) await forgetDeleted(this.#folder);
      })
      .catch((error: unknown) => this.#fail(messageOf(error)));
  }

  #fail(problem: string): void {
    if (this.#hasReported) return;
    this.#hasReported = true;
    this.#report(problem);
  }
}

/** Goes on behind what a crash left: a line that was torn off must not swallow the next one. */
async function openToAppend(path: string): Promise<AppendFile> {
  const file = await AppendFile.reopen(path).catch(() => AppendFile.create(path));
  if (file.size === 0) return file;
  const [last] = await file.read(file.size - 1, 1);
  if (last !== NEWLINE) await file.append([Buffer.from("\n")]);
  return file;
}

/**
 * What was said and not taken back, in the order of the file, as it is asked for. What is no line of ours, such as one
 * that a crash tore off, is left out; no file is an empty one.
 */
export async function* readChat(folder: string): AsyncGenerator<ChatLine, void, void> {
  const deleted = await deletedIn(folder);
  for await (const each of entries(folder)) if ("id" in each && !deleted.has(each.id)) yield each;
}

/** Writes the file anew when there is something in it that was taken back: nobody shall find it there. */
async function forgetDeleted(folder: string): Promise<void> {
  if ((await deletedIn(folder)).size === 0) return;
  const path = join(folder, NAME);
  const temporary = `${path}.part`;
  try {
    await pipeline(Readable.from(asText(readChat(folder))), createWriteStream(temporary));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function* asText(lines: AsyncIterable<ChatLine>): AsyncGenerator<string, void, void> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

async function deletedIn(folder: string): Promise<Set<string>> {
  const deleted = new Set<string>();
  for await (const each of entries(folder)) if ("deleted" in each) for (const id of each.deleted) deleted.add(id);
  return deleted;
}

async function* entries(folder: string): AsyncGenerator<z.infer<typeof entry>, void, void> {
  try {
    for await (const text of linesOf(join(folder, NAME))) {
      const parsed = parse(text);
      if (parsed !== undefined) yield parsed;
    }
  } catch {
    // There is no file, or nothing in it that can be read from here on.
  }
}

function parse(text: string): z.infer<typeof entry> | undefined {
  try {
    return entry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
