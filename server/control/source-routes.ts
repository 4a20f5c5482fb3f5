import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { channelName } from "../protocol/names.ts";
import { type Source, type SourceSettings, sourceProblems, sourceSettings } from "../protocol/sources.ts";
import { type AdminRule, requireAdmin } from "./admin.ts";

/** What the operator can do with sources, and who is one. */
export interface SourceRoutesOptions {
  readonly admin: AdminRule;
  readonly sources: {
    readonly list: readonly Source[];
    /** Names a source or changes it; rejects when it is not the API's, and when it is none. */
    set(name: string, settings: SourceSettings): Promise<Source>;
    /** Resolves with false when there is none of this name. */
    delete(name: string): Promise<boolean>;
  };
}

const params = z.object({ name: channelName });

/** The part of the API that names sources (docs/sources.md): all of it needs the admin token. */
export const sourceRoutes: FastifyPluginAsync<SourceRoutesOptions> = async (app, { admin, sources }) => {
  app.addHook("onRequest", requireAdmin(admin));
  app.addHook("onRequest", async (_request, reply) => void reply.header("cache-control", "no-store"));

  app.get("/api/v1/sources", async () => ({ items: sources.list }));

  app.get("/api/v1/sources/:name", async (request) => {
    const { name } = params.parse(request.params);
    return sources.list.find((source) => source.name === name) ?? missing(name);
  });

  app.put("/api/v1/sources/:name", async (request) => {
    const { name } = params.parse(request.params);
    const parsed = sourceSettings.safeParse(request.body);
    if (!parsed.success) throw new LiveError("bad_request", sourceProblems(parsed.error, name).join("; "));
    return sources.set(name, parsed.data);
  });

  app.delete("/api/v1/sources/:name", async (request, reply) => {
    const { name } = params.parse(request.params);
    if (!(await sources.delete(name))) missing(name);
    return reply.code(204).send();
  });
};

function missing(name: string): never {
  throw new LiveError("not_found", `there is no source ${name}`);
}
