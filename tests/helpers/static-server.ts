import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { listening } from "./listening.ts";

/** The plainest web server there is over a folder: no ranges, no types, no cache headers. */
export async function serveFolder(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const file = createReadStream(join(folder, new URL(request.url ?? "/", "http://localhost").pathname));
    file.on("error", () => response.writeHead(404).end());
    file.pipe(response);
  });
  const on = await listening(server);
  return { ...on, url: `http://127.0.0.1:${on.port}` };
}
