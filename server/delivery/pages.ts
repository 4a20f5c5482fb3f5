import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { FOREVER, FRESH } from "../core/http-headers.ts";
import { siteOf } from "../core/site.ts";
import { broadcastId, channelName } from "../protocol/names.ts";
import { type PageGuard, protectPages } from "./page-headers.ts";
import { oembedOf, type Shared, shareTags } from "./share.ts";

/** What can be said about something that is watched. */
interface Described {
  readonly title: string;
  readonly description: string;
}

/** What the pages need. */
export interface PagesOptions {
  /** Where the built pages lie. */
  readonly root: string;
  /** How others reach this server, without a slash at the end; undefined: as they have asked. */
  readonly publicUrl?: string | undefined;
  /** What everybody may know of a channel; undefined: nothing. */
  readonly aboutChannel: (channel: string) => Described | undefined;
  /** The same of a recording. */
  readonly aboutRecording: (broadcast: string) => Promise<Described | undefined>;
}

const PAGES: Readonly<Record<string, string>> = {
  "/": "home",
  "/capture": "capture",
  "/recordings": "recordings",
  "/studio": "studio",
  "/studio/:channel": "studio",
};

const oembedQuery = z.object({
  url: z.url(),
  maxwidth: z.coerce.number().int().positive().optional(),
  maxheight: z.coerce.number().int().positive().optional(),
  format: z.literal("json").optional(),
});

/** The pages that people open. Needs `reply.sendFile` of @fastify/static. */
export const pages: FastifyPluginAsync<PagesOptions> = async (app, options) => {
  await app.register(ownPages, { ...options, guard: "own" });
  await app.register(framedPages, { ...options, guard: "framed" });

  // What a page of somebody else asks before it shows one of ours in a frame.
  app.get("/oembed", async (request, reply) => {
    const { url, ...room } = oembedQuery.parse(request.query);
    const { pathname } = new URL(url);
    const shared = await sharedAt(options, pathname.replace(/^\/embed\//, "/watch/"));
    if (shared === undefined)
      throw new LiveError("not_found", "nothing that can be shown in a frame is at this address");
    return reply
      .header("access-control-allow-origin", "*")
      .send(oembedOf(shared, options.publicUrl ?? siteOf(request), room));
  });
};

/** Whoever came with a browser and found nothing gets a page that leads on. */
export async function sendMissingPage(reply: FastifyReply, root: string): Promise<FastifyReply> {
  const html = await readFile(join(root, "pages/missing/index.html"), "utf8");
  return reply.code(404).type("text/html; charset=utf-8").header("cache-control", "no-store").send(html);
}

const ownPages: FastifyPluginAsync<PagesOptions & { readonly guard: PageGuard }> = async (app, options) => {
  const { root, guard } = options;
  await protectPages(app, guard);
  for (const [path, page] of Object.entries(PAGES)) {
    app.get(path, async (_request, reply) =>
      reply.header("cache-control", FRESH).sendFile(`pages/${page}/index.html`, root, { cacheControl: false }),
    );
  }
  for (const path of ["/watch/:channel", "/watch/recording/:broadcast"]) {
    app.get(path, async (request, reply) => sendWatchPage(options, request, reply));
  }
  // Names of built files contain a hash of their content.
  app.get<{ Params: { "*": string } }>("/assets/*", async (request, reply) =>
    reply.header("cache-control", FOREVER).sendFile(`assets/${request.params["*"]}`, root, { cacheControl: false }),
  );
};

/** The player alone, which pages of others may show in a frame. */
const framedPages: FastifyPluginAsync<PagesOptions & { readonly guard: PageGuard }> = async (app, options) => {
  await protectPages(app, options.guard);
  for (const path of ["/embed/:channel", "/embed/recording/:broadcast"]) {
    app.get(path, async (request, reply) => sendWatchPage(options, request, reply));
  }
};

async function sendWatchPage(
  options: PagesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const html = await readFile(join(options.root, "pages/watch/index.html"), "utf8");
  const path = request.url.split("?", 1)[0] ?? "";
  const shared = await sharedAt(options, path.replace(/^\/embed\//, "/watch/"));
  const tags = shared === undefined ? "" : `    ${shareTags(shared, options.publicUrl ?? siteOf(request))}\n  `;
  return reply
    .type("text/html; charset=utf-8")
    .header("cache-control", FRESH)
    .send(html.replace("</head>", () => `${tags}</head>`));
}

/** What is watched at `/watch/…`; undefined when there is nothing that everybody may know of. */
async function sharedAt(options: PagesOptions, path: string): Promise<Shared | undefined> {
  const [, , first = "", second] = path.split("/");
  if (second === undefined) {
    if (!channelName.safeParse(first).success) return undefined;
    const about = options.aboutChannel(first);
    return about && { ...about, page: path, embed: `/embed/${first}`, picture: `/live/${first}/preview.jpg` };
  }
  if (first !== "recording" || !broadcastId.safeParse(second).success) return undefined;
  const about = await options.aboutRecording(second);
  return (
    about && { ...about, page: path, embed: `/embed/recording/${second}`, picture: `/recordings/${second}/preview.jpg` }
  );
}
