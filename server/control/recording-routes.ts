import { clientAddress } from "../core/client-address.ts";
import { LiveError } from "../core/errors.ts";
import {
  type Clip,
  type ClipRequest,
  clip,
  clipRequest,
  type Recording,
  type RecordingChange,
  recording,
  recordingChange,
  recordingList,
  recordingPath,
  recordingQuery,
  tokenQuery,
} from "../protocol/api.ts";
import { type AdminRule, isAdmin, requireAdmin } from "./admin.ts";
import type { Watching } from "./permission/watching.ts";
import { type ApiRoutes, NO_BODY, PROBLEMS } from "./route.ts";

/** What there is to say about recordings, and what the operator can do with them. */
export interface RecordingRoutesOptions {
  readonly admin: AdminRule;
  readonly watching: Watching;
  readonly recordings: {
    /** Newest first; of one channel, or of all. */
    list(channel?: string): Promise<Recording[]>;
    /** Undefined when there is no such recording; so it is with the others. */
    find(id: string): Promise<Recording | undefined>;
    change(id: string, change: RecordingChange): Promise<Recording | undefined>;
    delete(id: string): Promise<boolean>;
    clip(id: string, request: ClipRequest): Promise<Clip | undefined>;
  };
}

const params = recordingPath;
const about = (summary: string) => ({ tags: ["recordings"], summary });

/** The part of the API about recordings (contract §8). */
export const recordingRoutes: ApiRoutes<RecordingRoutesOptions> = async (app, options) => {
  const { admin, recordings, watching } = options;

  app.get(
    "/api/v1/recordings",
    {
      schema: {
        ...about("Recordings and clips, newest first"),
        querystring: recordingQuery,
        response: { 200: recordingList, ...PROBLEMS },
      },
    },
    async (request) => {
      const mayAll = isAdmin(admin, request.headers.authorization, clientAddress(request));
      const items = await recordings.list(request.query.channel);
      return { items: items.filter(({ channel }) => mayAll || watching.isOpen(channel)) };
    },
  );

  app.get(
    "/api/v1/recordings/:broadcast",
    {
      schema: {
        ...about("One recording; `token` is that of a link, where one is needed"),
        params,
        querystring: tokenQuery,
        response: { 200: recording, ...PROBLEMS },
      },
    },
    async (request) => {
      const { broadcast } = request.params;
      const found = (await recordings.find(broadcast)) ?? missing(broadcast);
      const mayAll = isAdmin(admin, request.headers.authorization, clientAddress(request));
      if (!mayAll) watching.check(found.channel, request.query.token);
      return found;
    },
  );

  await app.register(changes, options);
};

/** What needs the admin token. */
const changes: ApiRoutes<RecordingRoutesOptions> = async (app, { admin, recordings }) => {
  app.addHook("onRequest", requireAdmin(admin));
  const security = [{ admin: [] }];

  app.patch(
    "/api/v1/recordings/:broadcast",
    {
      schema: {
        ...about("Name a recording"),
        security,
        params,
        body: recordingChange,
        response: { 200: recording, ...PROBLEMS },
      },
    },
    async ({ params: { broadcast }, body }) => (await recordings.change(broadcast, body)) ?? missing(broadcast),
  );

  app.delete(
    "/api/v1/recordings/:broadcast",
    { schema: { ...about("Delete a recording"), security, params, response: { 204: NO_BODY, ...PROBLEMS } } },
    async ({ params: { broadcast } }, reply) => {
      if (!(await recordings.delete(broadcast))) missing(broadcast);
      return reply.code(204).send();
    },
  );

  app.post(
    "/api/v1/recordings/:broadcast/clips",
    {
      schema: {
        ...about("Cut a clip out of a recording, without encoding"),
        security,
        params,
        body: clipRequest,
        response: { 201: clip, ...PROBLEMS },
      },
    },
    async ({ params: { broadcast }, body }, reply) => {
      const made = (await recordings.clip(broadcast, body)) ?? missing(broadcast);
      return reply.code(201).header("location", `/api/v1/recordings/${made.id}`).send(made);
    },
  );
};

function missing(id: string): never {
  throw new LiveError("not_found", `there is no recording ${id}`);
}
