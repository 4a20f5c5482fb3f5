import { z } from "zod";
import { channelList, recordingList } from "../../server/protocol/api.ts";
import {
  type ChannelChanges,
  type MadeChannel,
  madeChannel,
  shownKey,
  streamKeyList,
  watchLink,
} from "../../server/protocol/channels.ts";
import { type ChatSettings, chatBan, chatBanList, chatSettings } from "../../server/protocol/chat.ts";
import { hookList, type NewHook, shownHook } from "../../server/protocol/hooks.ts";
import { serverSetup } from "../../server/protocol/server.ts";
import { type SourceSettings, source, sourceList } from "../../server/protocol/sources.ts";
import { audienceHistory, liveStats, serverStats, viewerList } from "../../server/protocol/stats.ts";
import { withQuery } from "../ui/addresses.ts";
import { type Answer, type Sending, send } from "../ui/api.ts";

/** Does a request with the operator's token, or without one where there is none. */
export type AsOperator = <T>(request: (token: string | undefined) => Promise<Answer<T>>) => Promise<Answer<T>>;

const stopped = z.object({ id: z.string() });
const nothing = z.undefined();
/** A broadcast that is stopped finishes what it has: a new key must not be lost meanwhile. */
const CHANGE_MS = 60_000;

/** Everything that the studio asks of the server (contract §8). Its answers never reject. */
export function studioApi(asOperator: AsOperator, signal?: AbortSignal) {
  const request = <T>(method: Sending["method"], path: string, schema: z.ZodType<T>, body?: unknown) =>
    asOperator((token) =>
      send(`/api/v1${path}`, { method, body, token, signal }, schema, method === "GET" ? undefined : CHANGE_MS),
    );
  const get = <T>(path: string, schema: z.ZodType<T>) => request("GET", path, schema);
  const of = (channel: string) => `/channels/${encodeURIComponent(channel)}`;

  return {
    setup: () => get("/server", serverSetup),
    server: () => get("/stats/server", serverStats),
    stats: () => get("/stats", liveStats),
    channels: () => get("/channels", channelList),
    sources: () => get("/sources", sourceList),
    setSource: (name: string, settings: SourceSettings) =>
      request("PUT", `/sources/${encodeURIComponent(name)}`, source, settings),
    deleteSource: (name: string) => request("DELETE", `/sources/${encodeURIComponent(name)}`, nothing),

    settings: (channel: string) => get(`${of(channel)}/settings`, madeChannel),
    create: (channel: NewChannel) => request("POST", "/channels", madeChannel, channel),
    update: (channel: string, changes: ChannelChanges) => request("PATCH", of(channel), madeChannel, changes),
    remove: (channel: string) => request("DELETE", of(channel), nothing),

    keys: (channel: string) => get(`${of(channel)}/keys`, streamKeyList),
    makeKey: (channel: string, label: string) => request("POST", `${of(channel)}/keys`, shownKey, { label }),
    rotateKey: (channel: string, id: string) => request("POST", `${of(channel)}/keys/${id}/rotate`, shownKey),
    revokeKey: (channel: string, id: string) => request("DELETE", `${of(channel)}/keys/${id}`, nothing),
    makeLink: (channel: string, expiresInSeconds: number) =>
      request("POST", `${of(channel)}/links`, watchLink, { expiresInSeconds }),
    withdrawLinks: (channel: string) => request("DELETE", `${of(channel)}/links`, nothing),

    chat: (channel: string) => get(`${of(channel)}/chat`, chatSettings),
    setChat: (channel: string, settings: ChatSettings) => request("PUT", `${of(channel)}/chat`, chatSettings, settings),
    bans: (channel: string) => get(`${of(channel)}/chat/bans`, chatBanList),
    ban: (channel: string, address: string) => request("POST", `${of(channel)}/chat/bans`, chatBan, { address }),
    unban: (channel: string, id: string) => request("DELETE", `${of(channel)}/chat/bans/${id}`, nothing),

    recordings: (channel: string) => get(withQuery("/recordings", { channel }), recordingList),

    stop: (broadcast: string) => request("POST", `/broadcasts/${broadcast}/stop`, stopped),
    viewers: (broadcast: string) => get(`/broadcasts/${broadcast}/viewers`, viewerList),
    /** What is newer than `since`; all without it. */
    history: (broadcast: string, since: string | undefined) =>
      get(withQuery(`/broadcasts/${broadcast}/history`, since === undefined ? {} : { since }), audienceHistory),

    hooks: () => get("/hooks", hookList),
    addHook: (hook: NewHook) => request("POST", "/hooks", shownHook, hook),
    deleteHook: (id: string) => request("DELETE", `/hooks/${id}`, nothing),
  } as const;
}

export type StudioApi = ReturnType<typeof studioApi>;
export type NewChannel = ChannelChanges & Pick<MadeChannel, "name">;
