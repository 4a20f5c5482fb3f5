import { gzipSync } from "node:zlib";
import { mediaMessage, type SocketChunk } from "../../../server/delivery/socket/message.ts";
import { livePlaylist, multivariantPlaylist, PLAYLIST_NAME, partName } from "../../../server/packaging/hls.ts";
import type { Chunk } from "../../../server/packaging/segment.ts";
import type { Track } from "../../../server/packaging/track.ts";
import type { Loop } from "./media.ts";
import { viewPlaylist } from "./playlist.ts";
import { type Stage, secondsBefore } from "./stage.ts";

/** So much of what lies before the first viewer is kept, so that there is something to begin with. In seconds. */
const LEAD_SECONDS = 1;

/** How much is played in advance. */
export interface RehearsalOptions {
  readonly epochMs: number;
  readonly windowSeconds: number;
  /** Seconds that viewers can be served for. */
  readonly seconds: number;
}

/** One message of the live socket, and when it is due. */
export interface RehearsedMessage {
  readonly end: number;
  readonly bytes: Buffer;
}

/** A part that has come, and the playlist that lists it. */
export interface RehearsedMove {
  readonly end: number;
  /** The playlist's path, and what is there from now on. */
  readonly playlist: string;
  readonly gzipped: Buffer;
  /** What a player asks for when it has read it. */
  readonly next: string;
  readonly part: string;
  readonly bytes: Uint8Array;
}

/** The messages that the server would send: the same bytes, made before anybody asks for them. */
export function rehearseSocket(stage: Stage, loop: Loop, options: RehearsalOptions): RehearsedMessage[] {
  const messages: RehearsedMessage[] = [];
  let waiting: SocketChunk[] = [];
  const following = stage.presentation.follow({
    grew: (track, chunk) => waiting.push(socketChunk(stage, track, chunk)),
    clockMoved: () => {},
    noted: () => {},
    ended: () => {},
  });
  each(stage, loop, options, (end, isLive) => {
    if (!waiting.some(({ kind }) => kind === "video")) return;
    if (isLive) messages.push({ end, bytes: mediaMessage(waiting, true).bytes });
    waiting = [];
  });
  following[Symbol.dispose]();
  return messages;
}

function socketChunk({ presentation }: Stage, track: Track, chunk: Chunk): SocketChunk {
  const init = track.open?.init;
  if (init === undefined) throw new Error("a chunk without a segment");
  return { kind: track.kind, track: presentation.indexOf(track), init, chunk, breaks: false };
}

/** The answers that the server would give below `folder`: the same bodies, made before anybody asks for them. */
export function rehearseHls(
  stage: Stage,
  loop: Loop,
  options: RehearsalOptions & { readonly root: string; readonly folder: string },
) {
  const { presentation } = stage;
  const moves: RehearsedMove[] = [];
  const known = new Map<Track, number>();
  each(stage, loop, options, (end, isLive) => {
    for (const track of presentation.tracks) {
      const next = track.next?.part ?? 0;
      const first = known.get(track) ?? next;
      known.set(track, next);
      if (!isLive) continue;
      for (let number = first; number < next; number++) moves.push(moveOf(stage, track, { end, number, ...options }));
    }
  });
  return { moves, master: Buffer.from(multivariantPlaylist(presentation, options.folder)) };
}

function moveOf(
  { presentation }: Stage,
  track: Track,
  {
    end,
    number,
    root,
    folder,
  }: { readonly end: number; readonly number: number; readonly root: string; readonly folder: string },
): RehearsedMove {
  const path = `${root}${folder}${track.name}`;
  const delta = livePlaylist(presentation, track, true);
  const part = track.window.part(0, number);
  if (part === undefined) throw new Error("a part that is listed and not there");
  return {
    end,
    playlist: `${path}/${PLAYLIST_NAME}`,
    gzipped: gzipSync(delta),
    next: viewPlaylist(delta).next,
    part: `${path}/${partName(0, number)}`,
    bytes: part.bytes,
  };
}

/** Plays everything in advance; `look` is called after each chunk, and told whether a viewer could be there. */
function each(stage: Stage, loop: Loop, options: RehearsalOptions, look: (end: number, isLive: boolean) => void): void {
  const before = secondsBefore(options.windowSeconds);
  stage.begin(loop, options.epochMs, 0);
  while (stage.nextEnd < before + options.seconds) {
    const end = stage.nextEnd;
    stage.playTo(end);
    look(end, end > before - LEAD_SECONDS);
  }
}
