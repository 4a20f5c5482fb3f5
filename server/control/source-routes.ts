import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { channelName } from "../protocol/names.ts";
import {
  type Source,
  type SourceSettings,
  source,
  sourceList,
  sourceProblems,
  sourceSettings,
} from "../protocol/sources.ts";
import { type AdminRule, requireAdmin } from "./admin.ts";
import { type ApiRoutes, NO_BODY, PROBLEMS } from "./route.ts";

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
export const sourceRoutes: ApiRoutes<SourceRoutesOptions> = async (app, { admin, sources }) => {
  app.addHook("onRequest", requireAdmin(admin));
  const about = (summary: string) => ({ tags: ["sources"], summary, security: [{ admin: [] }] });

  app.get(
    "/api/v1/sources",
    { schema: { ...about("What the server opens by itself"), response: { 200: sourceList, ...PROBLEMS } } },
    async () => ({ items: [...sources.list] }),
  );

  app.get(
    "/api/v1/sources/:name",
    { schema: { ...about("One source"), params, response: { 200: source, ...PROBLEMS } } },
    async ({ params: { name } }) => sources.list.find((each) => each.name === name) ?? missing(name),
  );

  app.put(
    "/api/v1/sources/:name",
    {
      schema: {
        ...about("Name a source, or change it"),
        params,
        body: sourceSettings,
        response: { 200: source, ...PROBLEMS },
      },
      // The words for what is wrong with a source are those of the configuration file.
      attachValidation: true,
    },
    async (request) => {
      const { name } = params.parse(request.params);
      const parsed = sourceSettings.safeParse(request.body);
      if (!parsed.success) throw new LiveError("bad_request", sourceProblems(parsed.error, name).join("; "));
      return sources.set(name, parsed.data);
    },
  );

  app.delete(
    "/api/v1/sources/:name",
    {
      schema: {
        ...about("Forget a source, and end what it publishes"),
        params,
        response: { 204: NO_BODY, ...PROBLEMS },
      },
    },
    async ({ params: { name } }, reply) => {
      if (!(await sources.delete(name))) missing(name);
      return reply.code(204).send();
    },
  );
};

function missing(name: string): never {
  throw new LiveError("not_found", `there is no source ${name}`);
}
