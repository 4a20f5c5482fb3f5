import Fastify from "fastify";
import { v7 as uuidv7 } from "uuid";
import { liveRoutes } from "../../server/delivery/live-routes.ts";
import { installProblems, problemOptions } from "../../server/delivery/problems.ts";
import { LiveStore } from "../../server/packaging/live-store.ts";
import type { Presentation } from "../../server/packaging/presentation.ts";
import { lettingAllIn } from "./admission.ts";

/** The real routes on a real socket, with one presentation on the channel `channel`. */
export interface LiveServer extends AsyncDisposable {
  readonly url: string;
  /** Path of the folder of a track. */
  folder(track: string): string;
}

/** Serves `presentation` until disposed. */
export async function serveLive(presentation: Presentation): Promise<LiveServer> {
  const store = new LiveStore();
  const broadcast = uuidv7();
  store.add({ broadcast, channel: "channel", presentation });
  const app = Fastify({ ...problemOptions, forceCloseConnections: true });
  installProblems(app);
  await app.register(liveRoutes, { store, admission: lettingAllIn() });
  return {
    url: await app.listen({ host: "127.0.0.1", port: 0 }),
    folder: (track) => `/live/channel/${broadcast}/${track}`,
    async [Symbol.asyncDispose]() {
      await app.close();
      store[Symbol.dispose]();
    },
  };
}
