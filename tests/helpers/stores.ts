import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Secret } from "../../server/core/secret.ts";
import type { StoreSettings } from "../../server/recordings/storage/open-store.ts";
import { listening } from "./listening.ts";

/** A store that runs, and how it is reached. */
export interface RunningStore extends AsyncDisposable {
  readonly settings: StoreSettings;
}

const NO_S3 = { endpoint: undefined, region: "us-east-1", keyId: undefined, secret: undefined };

/** A server that speaks S3, with files below `folder`, as a process of its own. */
export async function startS3(folder: string): Promise<RunningStore> {
  const args = ["-d", folder, "-a", "127.0.0.1", "-p", "0", "--configure-bucket", "bucket"];
  const server = spawn(process.execPath, ["node_modules/s3rver/bin/s3rver.js", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await portOf(server);
  const secret = new Secret("S3RVER");
  const s3 = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", keyId: "S3RVER", secret };
  return {
    settings: { url: "s3://bucket/some/prefix", s3, authorization: undefined },
    async [Symbol.asyncDispose]() {
      server.kill();
      await once(server, "exit");
    },
  };
}

/** Its output is read on: a server whose words nobody takes would stop. */
function portOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("exit", () => reject(new Error("s3rver did not start")));
    server.stdout?.on("data", (piece: Buffer) => {
      const port = /:(\d+)\s/.exec(String(piece))?.[1];
      if (port !== undefined) resolve(port);
    });
  });
}

/** A web server that takes PUT and DELETE from who shows the right header, with files below `folder`. */
export async function startDav(folder: string): Promise<RunningStore> {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(request.url ?? ""));
    const answer = async (): Promise<number> => {
      if (request.headers.authorization !== "Bearer token") return 401;
      if (request.method === "PUT") {
        await mkdir(dirname(path), { recursive: true });
        await pipeline(request, createWriteStream(path));
        return 201;
      }
      if (!existsSync(path)) return 404;
      if (request.method === "DELETE") {
        await rm(path);
        return 204;
      }
      response.setHeader("content-length", statSync(path).size);
      if (request.method === "HEAD") return 200;
      await pipeline(createReadStream(path), response);
      return 0;
    };
    void answer().then((status) => {
      if (status > 0) response.writeHead(status).end();
    });
  });
  const on = await listening(server);
  const url = `http://127.0.0.1:${on.port}/kept/`;
  return { ...on, settings: { url, s3: NO_S3, authorization: new Secret("Bearer token") } };
}

/** Another folder. */
export async function startFolder(folder: string): Promise<RunningStore> {
  const settings = { url: `file://${folder}`, s3: NO_S3, authorization: undefined };
  return { settings, [Symbol.asyncDispose]: async () => {} };
}
