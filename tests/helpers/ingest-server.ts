import fastifyWebsocket from "@fastify/websocket";
import Fastify from "fastify";
import type { RegistryOptions } from "../../server/broadcast/registry.ts";
import { installProblems, problemOptions } from "../../server/delivery/problems.ts";
import { httpIngest } from "../../server/ingest/http.ts";
import { MAX_MESSAGE_BYTES, websocketIngest } from "../../server/ingest/websocket.ts";
import { type TestRegistry, testRegistry } from "./registry.ts";

/** Both ways in over a real socket, into a real registry. */
export interface IngestServer extends TestRegistry {
  readonly url: string;
}

export async function ingestServer(options: Partial<RegistryOptions> = {}): Promise<IngestServer> {
  const on = await testRegistry(options);
  const app = Fastify({ ...problemOptions, forceCloseConnections: true, requestTimeout: 0 });
  installProblems(app);
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES },
    errorHandler: (_error, socket) => socket.terminate(),
  });
  const publishing = {
    check: (channel: string) => on.registry.check(channel),
    publish: (channel: string) => on.registry.publish(channel),
  };
  await app.register(httpIngest, { publishing });
  await app.register(websocketIngest, { publishing });
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
