import fastifyWebsocket from "@fastify/websocket";
import Fastify from "fastify";
import type { RegistryOptions } from "../../server/broadcast/registry.ts";
import { installProblems, problemOptions } from "../../server/delivery/problems.ts";
import { httpIngest } from "../../server/ingest/http.ts";
import type { Publisher } from "../../server/ingest/publishing.ts";
import { websocketIngest } from "../../server/ingest/websocket.ts";
import { publishingInto } from "./publishing.ts";
import { type TestRegistry, testRegistry } from "./registry.ts";

const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Both ways in over a real socket, into a real registry. */
export interface IngestServer extends TestRegistry {
  readonly url: string;
}

/** `beforeAttach` holds up resumable publishers before they are let in; `idleMs` is how long a publisher may send nothing. */
export async function ingestServer(
  options: Partial<RegistryOptions> = {},
  { beforeAttach = async () => {}, idleMs = 60_000 }: { beforeAttach?: () => Promise<void>; idleMs?: number } = {},
): Promise<IngestServer> {
  const on = await testRegistry(options);
  const app = Fastify({ ...problemOptions, forceCloseConnections: true, requestTimeout: 0 });
  installProblems(app);
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES },
    // `ws` closes by itself when a client breaks the protocol.
    errorHandler: () => {},
  });
  const publishing = {
    ...publishingInto(on.registry),
    begin: async ({ channel }: Publisher) => {
      await beforeAttach();
      return on.registry.begin(channel);
    },
  };
  await app.register(httpIngest, { publishing, idleMs });
  await app.register(websocketIngest, { publishing, idleMs });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    ...on,
    url,
    async [Symbol.asyncDispose]() {
      await app.close();
      await on[Symbol.asyncDispose]();
    },
  };
}
