import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { LiveError } from "../core/errors.ts";
import { allowOtherSites, FRESH } from "../core/http-headers.ts";
import type { ReplayedLine } from "../protocol/chat.ts";
import { broadcastId } from "../protocol/names.ts";
import { readChat } from "./chat-file.ts";
import type { ChatRecording } from "./recording.ts";
import { ReplayPlaces } from "./replay-places.ts";

/** What the route needs. */
export interface ChatReplayOptions {
  /** Undefined: there is no recording with this id. */
  readonly find: (broadcast: string) => Promise<ChatRecording | undefined>;
}

const params = z.object({ broadcast: broadcastId });

/** `/recordings/BROADCAST/chat.json`: what was said, each line with its place in the replay. */
export const chatReplayRoutes: FastifyPluginAsync<ChatReplayOptions> = async (app, { find }) => {
  allowOtherSites(app, "/recordings/:broadcast/chat.json");
  app.get("/recordings/:broadcast/chat.json", async (request, reply) => {
    const { broadcast } = params.parse(request.params);
    const recording = await find(broadcast);
    if (recording === undefined) throw new LiveError("not_found", `there is no recording ${broadcast}`);
    reply.header("cache-control", FRESH).type("application/json; charset=utf-8");
    // A long chat goes out as it is read.
    return reply.send(Readable.from(asJson(broadcast, replay(recording))));
  });
};

async function* replay(recording: ChatRecording): AsyncGenerator<ReplayedLine, void, void> {
  const { folder, origin, startedMs } = recording;
  const places = new ReplayPlaces(await playlistIn(folder), startedMs);
  for await (const line of readChat(origin ?? folder)) {
    if (origin !== undefined && !places.has(line.at)) continue;
    yield { ...line, seconds: Math.round(places.placeOf(line.at) * 1000) / 1000 };
  }
}

async function* asJson(broadcast: string, lines: AsyncIterable<ReplayedLine>): AsyncGenerator<string, void, void> {
  yield `{"broadcast":${JSON.stringify(broadcast)},"items":[`;
  let separator = "";
  for await (const line of lines) {
    yield separator + JSON.stringify(line);
    separator = ",";
  }
  yield "]}";
}

/** The playlist of the picture, else of the sound; undefined until the recording has its end. */
async function playlistIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const tracks = names
    .filter((name) => /^(video|audio)\d{1,3}$/.test(name))
    .toSorted()
    .reverse();
  for (const track of tracks) {
    const text = await readFile(join(folder, track, "playlist.m3u8"), "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}
