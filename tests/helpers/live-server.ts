import fastifyWebsocket from "@fastify/websocket";
import Fastify from "fastify";
import { v7 as uuidv7 } from "uuid";
import { Admission } from "../../server/delivery/admission.ts";
import { liveSocket } from "../../server/delivery/live-socket.ts";
import { installProblems, problemOptions } from "../../server/delivery/problems.ts";
import type { FeedOptions } from "../../server/delivery/socket/feed.ts";
import { LiveHub } from "../../server/delivery/socket/hub.ts";
import { type LiveEntry, LiveStore } from "../../server/packaging/live-store.ts";
import { type Presenting, present } from "./presentation.ts";

/** The live socket on a real port, over presentations that a test feeds itself. */
export interface LiveServer extends AsyncDisposable {
  readonly url: string;
  readonly hub: LiveHub;
  readonly store: LiveStore;
  /** A new broadcast on a channel, without anything in it. */
  broadcast(channel: string, how?: Presenting): LiveEntry;
}

export async function liveServer(options: Partial<FeedOptions & { maxViewers: number }> = {}): Promise<LiveServer> {
  const { batchMs = 0, join = "newest", maxViewers = 100 } = options;
  const store = new LiveStore();
  const hub = new LiveHub(store, { batchMs, join });
  // The machine that tests run on may be as busy as it likes.
  const admission = new Admission({ maxViewers, viewers: () => hub.size, busy: () => 0 });
  const app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  await app.register(fastifyWebsocket, { errorHandler: (_error, socket) => socket.terminate() });
  await app.register(liveSocket, { hub, admission });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    hub,
    store,
    broadcast(channel, how) {
      const entry = { broadcast: uuidv7(), channel, presentation: present(how) };
      store.add(entry);
      return entry;
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      hub[Symbol.dispose]();
      admission[Symbol.dispose]();
      store[Symbol.dispose]();
    },
  };
}
