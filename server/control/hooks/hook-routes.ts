import { z } from "zod";
import { hookList, newHook, shownHook } from "../../protocol/hooks.ts";
import { type AdminRule, requireAdmin } from "../admin.ts";
import { type ApiRoutes, NO_BODY, PROBLEMS } from "../route.ts";
import type { Hooks } from "./hooks.ts";

/** What the routes need. */
export interface HookRoutesOptions {
  readonly admin: AdminRule;
  readonly hooks: Hooks;
}

const params = z.object({ hook: z.uuidv7() });

/** The receivers of events (docs/events.md): all of it needs the admin token. */
export const hookRoutes: ApiRoutes<HookRoutesOptions> = async (app, { admin, hooks }) => {
  app.addHook("onRequest", requireAdmin(admin));
  const about = (summary: string) => ({ tags: ["events"], summary, security: [{ admin: [] }] });

  app.get(
    "/api/v1/hooks",
    { schema: { ...about("Who is told of events, and how that goes"), response: { 200: hookList, ...PROBLEMS } } },
    async () => ({ items: hooks.list() }),
  );

  app.post(
    "/api/v1/hooks",
    {
      schema: {
        ...about("Tell an address of events from now on; the secret that signs them is shown this once"),
        body: newHook,
        response: { 201: shownHook, ...PROBLEMS },
      },
    },
    async ({ body }, reply) => reply.code(201).send(hooks.create(body)),
  );

  app.delete(
    "/api/v1/hooks/:hook",
    { schema: { ...about("Tell it no more"), params, response: { 204: NO_BODY, ...PROBLEMS } } },
    async ({ params: { hook } }, reply) => {
      await hooks.delete(hook);
      return reply.code(204).send();
    },
  );
};
