import { PassThrough } from "node:stream";
import { z } from "zod";
import { type EventType, eventType, type ServerEvent } from "../../protocol/events.ts";
import { channelName } from "../../protocol/names.ts";
import { type AdminRule, requireAdmin } from "../admin.ts";
import { type ApiRoutes, PROBLEMS } from "../route.ts";
import type { EventLog } from "./event-log.ts";

/** A proxy that sees nothing for long takes the connection for dead. */
const HEARTBEAT_MS = 15_000;
/** A client that has so much to read is cut off: it comes back and goes on where it was. */
const MAX_UNREAD_BYTES = 1024 * 1024;

const query = z.object({
  channel: channelName.optional(),
  /** Separated by commas. */
  types: z
    .string()
    .refine(
      (text) => typesOf(text) !== undefined,
      `allowed are, with commas between them, ${eventType.options.join(", ")}`,
    )
    .optional(),
});

/** What the routes need. */
export interface EventRoutesOptions {
  readonly events: EventLog;
  readonly admin: AdminRule;
}

/** `GET /api/v1/events`: what happens, as server-sent events (contract §8); `?channel=` and `?types=a,b` choose. */
export const eventRoutes: ApiRoutes<EventRoutesOptions> = async (app, { events, admin }) => {
  const schema = {
    tags: ["events"],
    summary: "What happens, as server-sent events; Last-Event-ID brings what was missed",
    security: [{ admin: [] }],
    querystring: query,
    response: { 200: z.unknown().describe("text/event-stream; each data line is one event"), ...PROBLEMS },
  };
  app.get("/api/v1/events", { onRequest: requireAdmin(admin), schema }, async (request, reply) => {
    const { channel } = request.query;
    const types = typesOf(request.query.types);
    const isWanted = (event: ServerEvent) =>
      (channel === undefined || event.channel === channel) && (types === undefined || types.includes(event.type));
    const last = Number(request.headers["last-event-id"]);
    const missed = Number.isSafeInteger(last) && last > 0 ? events.since(last).filter(isWanted) : [];
    return (
      reply
        .header("content-type", "text/event-stream")
        .header("cache-control", "no-store")
        // Nginx would collect events before it passes them on.
        .header("x-accel-buffering", "no")
        .send(streamOf(events, missed, isWanted))
    );
  });
};

function typesOf(text: string | undefined): EventType[] | undefined {
  const parsed = z.array(eventType).safeParse(text?.split(","));
  return parsed.success ? parsed.data : undefined;
}

function streamOf(events: EventLog, missed: readonly ServerEvent[], isWanted: (event: ServerEvent) => boolean) {
  const stream = new PassThrough({ highWaterMark: MAX_UNREAD_BYTES });
  // Headers go out with the first bytes: a client shall know at once that it is connected.
  stream.write(": connected\n\n");
  for (const event of missed) stream.write(textOf(event));
  const stop = events.listen((event) => {
    if (isWanted(event) && !stream.write(textOf(event))) stream.destroy();
  });
  const heartbeat = setInterval(() => stream.write(":\n\n"), HEARTBEAT_MS).unref();
  stream.once("close", () => {
    stop();
    clearInterval(heartbeat);
  });
  return stream;
}

/** One message of the event stream format (WHATWG HTML §9.2.5); JSON has no line ends. */
function textOf(event: ServerEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
