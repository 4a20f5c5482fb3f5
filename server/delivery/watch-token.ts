import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

/** `/live/CHANNEL/~TOKEN/…`, and the same of recordings. */
const IN_PATH = /^(\/(?:live|recordings)\/[^/?]+)\/~([^/?]+)(\/.*)$/;
const MANIFEST = /\.(m3u8|mpd)$/;

const query = z.object({ token: z.string().max(256).optional() });
const params = z.object({ channel: z.string().optional(), broadcast: z.string().optional() });

/** By the raw request. */
const tokens = new WeakMap<object, string>();

/**
 * For Fastify's `rewriteUrl`: takes the token out of an address and keeps it with the request. A token is a folder, so
 * that whatever a playlist or manifest names lies below it: any player carries it on without knowing of it.
 */
export function takeToken(raw: { readonly url?: string | undefined }): string {
  const url = raw.url ?? "";
  const [, folder, token, rest] = IN_PATH.exec(url) ?? [];
  if (folder === undefined || token === undefined || rest === undefined) return url;
  tokens.set(raw, token);
  return `${folder}${rest}`;
}

/** What somebody was let in with. */
interface Pass {
  readonly channel: string;
  readonly token: string | undefined;
}

/** By the raw request. */
const passes = new WeakMap<object, Pass>();

/** What a request was let in with to watch a channel; undefined for what is no channel's. */
export function passOf(raw: object): Pass | undefined {
  return passes.get(raw);
}

/** Who may watch what. */
export interface WatchRule {
  /** Throws when `channel` may not be watched with this token. */
  check(channel: string, token: string | undefined): void;
  /** The channel of a recording; undefined when there is no such recording. */
  channelOf(broadcast: string): Promise<string | undefined>;
}

/** Lets nobody see anything of a channel or recording below `app` who may not watch it. */
export function guardWatching(app: FastifyInstance, rule: WatchRule): void {
  app.addHook("onRequest", async (request, reply) => {
    const channel = await channelFor(request, rule);
    if (channel === undefined) return;
    const inQuery = query.parse(request.query).token;
    const token = tokens.get(request.raw) ?? inQuery;
    rule.check(channel, token);
    passes.set(request.raw, { channel, token });
    if (inQuery !== undefined && !tokens.has(request.raw)) return intoFolder(request, reply, inQuery);
  });
}

async function channelFor(request: FastifyRequest, rule: WatchRule): Promise<string | undefined> {
  const { channel, broadcast } = params.parse(request.params);
  if (channel !== undefined) return channel;
  return broadcast === undefined ? undefined : rule.channelOf(broadcast);
}

/** Whoever begins with a token in the query, as people share links, goes on below the token's folder. */
function intoFolder(request: FastifyRequest, reply: FastifyReply, token: string): FastifyReply | undefined {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (!MANIFEST.test(pathname)) return undefined;
  const [, kind = "", name = "", ...rest] = pathname.split("/");
  searchParams.delete("token");
  const left = searchParams.size === 0 ? "" : `?${searchParams}`;
  const target = `/${kind}/${name}/~${encodeURIComponent(token)}/${rest.join("/")}${left}`;
  return reply.header("cache-control", "no-store").header("access-control-allow-origin", "*").redirect(target, 302);
}
