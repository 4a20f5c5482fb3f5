import type { Broadcast } from "../broadcast/broadcast.ts";
import { Addresses } from "../chat/addresses.ts";
import type { ChatSocketOptions } from "../chat/chat-socket.ts";
import { ChatStore } from "../chat/chat-store.ts";
import { ChatHub } from "../chat/hub.ts";
import type { ChatRecording } from "../chat/recording.ts";
import type { ChatReplayOptions } from "../chat/replay-routes.ts";
import type { Config } from "../config.ts";
import { isAdmin } from "../control/admin.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { Catalog } from "../recordings/catalog.ts";

/** What the chat has to do with the rest of the server. */
export interface ChatRoomsOptions {
  readonly config: Pick<Config, "chat" | "maxViewers" | "connections" | "trustedProxies">;
  readonly control: Pick<ControlPlane, "db" | "signing" | "admin">;
  readonly catalog: Pick<Catalog, "find" | "folderOf">;
  readonly report: (event: string, details: Record<string, unknown>) => void;
}

/** The chat of all channels. */
export interface ChatRooms extends AsyncDisposable, ChatSocketOptions, ChatReplayOptions {
  readonly hub: ChatHub;
  /** What is said on its channel belongs to this broadcast, until it ends. */
  follow(broadcast: Broadcast): void;
}

/** Opens the chat; undefined when the settings want none. */
export function openChat({ config, control, catalog, report }: ChatRoomsOptions): ChatRooms | undefined {
  if (config.chat === undefined) return undefined;
  // A proxy's own address is that of people whom it does not tell apart.
  const shared = [...config.connections.exempt, ...config.trustedProxies];
  const addresses = new Addresses(control.signing, shared);
  const store = new ChatStore(control.db);
  const find = async (id: string): Promise<ChatRecording | undefined> => {
    const entry = await catalog.find(id);
    if (entry === undefined) return undefined;
    const { clipOf, startedAt } = entry.record;
    const origin = clipOf && (await catalog.find(clipOf.recording))?.folder;
    return { folder: entry.folder, origin, startedMs: Date.parse(startedAt) };
  };
  const hub = new ChatHub({ ...config.chat, maxPeople: config.maxViewers, store, addresses, find, report });
  const follow = async (broadcast: Broadcast) => {
    const { id, channel, isRecorded } = broadcast;
    await hub.begin({ id, channel, folder: isRecorded ? catalog.folderOf(broadcast) : undefined });
    await broadcast.ended;
    await hub.end(channel, id);
  };
  return {
    hub,
    follow: (broadcast) =>
      void follow(broadcast).catch((problem: unknown) => report("the chat of a broadcast failed", { problem })),
    mayModerate: (token, address) =>
      isAdmin(control.admin, token === undefined ? undefined : `Bearer ${token}`, address),
    find,
    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
  };
}
