import { createHash } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, LiveError } from "./errors.ts";

/** The addresses of local sockets have room for no more, on any system. */
const MAX_PATH_BYTES = 100;
/** One that was killed a moment ago may still be there for a while. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 100;

/**
 * Keeps a second process away from a folder. It is a local socket on which nobody ever says anything: unlike a file, it
 * is gone with its process, however that ends, and what is left of it in the folder stands in nobody's way.
 */
export class FolderLock implements AsyncDisposable {
  readonly #server: Server;

  /** Rejects with `channel_busy` when another process has it. */
  static async take(folder: string, patienceMs = PATIENCE_MS): Promise<FolderLock> {
    const inside = join(folder, "lock");
    const outside = join(tmpdir(), `millrace-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`);
    const end = performance.now() + patienceMs;
    // Not every file system can hold a socket.
    const isPossible = Buffer.byteLength(inside) <= MAX_PATH_BYTES && (await canListen(inside));
    const path = isPossible ? inside : outside;
    let wasSilent = false;
    while (true) {
      const server = await listen(path);
      if (server !== undefined) return new FolderLock(server);
      const isAnswering = await isAnswered(path);
      if (isAnswering && performance.now() > end) {
        throw new LiveError("channel_busy", `another Millrace uses ${folder}: stop it, or set MILLRACE_DATA_DIR`);
      }
      // One that starts at the same time has the name a moment before it answers: only silence that lasts is nobody's.
      if (wasSilent && !isAnswering) await rm(path, { force: true });
      else await sleep(RETRY_MS);
      wasSilent = !isAnswering;
    }
  }

  private constructor(server: Server) {
    this.#server = server;
    // A process that has nothing else to do may end.
    server.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

async function canListen(path: string): Promise<boolean> {
  const server = await listen(path).catch(() => null);
  server?.close();
  return server !== null;
}

/** Undefined when the address is taken, or seems to be. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE") return undefined;
    throw error;
  }
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
