import type { Presentation } from "../../packaging/presentation.ts";
import type { Chunk } from "../../packaging/segment.ts";
import type { Track } from "../../packaging/track.ts";
import { type MediaMessage, mediaMessage, type SocketChunk } from "./message.ts";

/** Two renditions' times of one frame are never further apart. In seconds. */
export const SAME_SECONDS = 0.002;
/** Sound from this much before the key frame is sent to who begins there. In seconds. */
const SOUND_LEAD_SECONDS = 0.05;

/**
 * What a viewer begins with at once: everything of `picture` (`null`: sound alone) from its newest key frame on, or from
 * the one at `from` (seconds on the broadcast's timeline), and the sound to it. Undefined while there is no such frame.
 */
export function joinMessage(
  presentation: Presentation,
  picture: string | null,
  from = Number.POSITIVE_INFINITY,
): MediaMessage | undefined {
  const video = picture === null ? undefined : presentation.track(picture);
  const audio = presentation.begun.find(({ kind }) => kind === "audio");
  const pictures = video?.open?.chunks ?? [];
  const timescale = video?.init?.info.timescale ?? 1;
  const asked = pictures.findIndex(({ key, time }) => key && time / timescale >= from - SAME_SECONDS);
  const fromKey = pictures.slice(asked < 0 ? pictures.findLastIndex(({ key }) => key) : asked);
  const [first] = fromKey;
  if (video !== undefined && first === undefined) return undefined;
  const begin = first === undefined ? Number.NEGATIVE_INFINITY : first.time / timescale;
  const sounds = audio?.open?.chunks.filter((chunk) => endOf(chunk, audio) > begin - SOUND_LEAD_SECONDS) ?? [];
  const chunks = [...records(presentation, video, fromKey), ...records(presentation, audio, sounds)];
  return chunks.length === 0 ? undefined : mediaMessage(chunks, picture !== null);
}

/** Where a chunk of a track's open segment ends, in seconds. */
export function endOf({ decodeTime, duration }: Chunk, track: Track): number {
  return (decodeTime + duration) / (track.open?.init.info.timescale ?? 1);
}

function records(presentation: Presentation, track: Track | undefined, chunks: readonly Chunk[]): SocketChunk[] {
  const init = track?.open?.init;
  if (track === undefined || init === undefined) return [];
  const number = presentation.indexOf(track);
  return chunks.map((chunk, index) => ({ kind: track.kind, track: number, init, chunk, breaks: index === 0 }));
}
