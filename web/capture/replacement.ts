import { type DeviceRequest, openDevice } from "./devices.ts";
import type { SourceKind } from "./settings.ts";
import { type CaptureSource, isWell, type SourcePart, sourceOf } from "./source.ts";
import { openSilence, openStillPicture } from "./stand-in.ts";

type What = "picture" | "sound";

/** A part that was found in the place of one that went away, and what to say about it. */
interface Found<Part> {
  readonly part: Part;
  readonly note?: string;
}

const WORDS = {
  picture: {
    same: "The camera was away for a moment.",
    other: "The camera went away: another one has taken its place.",
    none: "The camera went away. Viewers see a still picture until it is back.",
  },
  sound: {
    same: "The microphone was away for a moment.",
    other: "The microphone went away: another one has taken its place.",
    none: "The sound went away. The broadcast goes on in silence until it is back.",
  },
} as const;

/** Whether something in it is only there until what was wanted is back. */
export function hasStandIn({ picture, sound }: CaptureSource): boolean {
  return picture.isStandIn || sound?.isStandIn === true;
}

/**
 * A source in the place of one that lost its picture or its sound. What still runs is taken over; for what is lost the
 * same device is tried again, then any other one, and then a stand-in takes its place, so that the broadcast keeps its
 * tracks. The source before is not to be used any more, nor to be closed.
 */
export async function replaceLost(
  source: CaptureSource,
  kind: SourceKind,
  request: DeviceRequest,
): Promise<CaptureSource> {
  // What was shared is the person's to share again; a microphone in its place would not be what was wanted.
  const open = (what: What, id: string) =>
    kind === "camera" ? openDevice(what, withDevice(what, request, id)) : Promise.resolve(undefined);
  const picture = isWell(source.picture)
    ? { part: source.picture }
    : await inPlaceOf(source.picture, {
        open: (id) => open("picture", id),
        chosenId: request.cameraId,
        standIn: () => openStillPicture(request),
        words: WORDS.picture,
      });
  const sound =
    source.sound === undefined || isWell(source.sound)
      ? { part: source.sound }
      : await inPlaceOf(source.sound, {
          open: (id) => open("sound", id),
          chosenId: request.microphoneId,
          standIn: openSilence,
          words: WORDS.sound,
        });
  const notes = [picture.note, sound.note].filter((note) => note !== undefined);
  return sourceOf({ picture: picture.part, sound: sound.part, notes, isShared: kind === "screen" });
}

interface Search<StandIn> {
  readonly open: (id: string) => Promise<SourcePart | undefined>;
  /** The device that the person chose; empty: any. */
  readonly chosenId: string;
  readonly standIn: () => StandIn | Promise<StandIn>;
  readonly words: { readonly same: string; readonly other: string; readonly none: string };
}

async function inPlaceOf<StandIn extends SourcePart | undefined>(
  lost: SourcePart,
  { open, chosenId, standIn, words }: Search<StandIn>,
): Promise<Found<StandIn | SourcePart>> {
  const sameId = (lost.isStandIn ? undefined : lost.track.getSettings().deviceId) ?? chosenId;
  const same = await open(sameId);
  if (same !== undefined) return replaced(lost, same, lost.isStandIn ? undefined : words.same);
  const other = sameId === "" ? undefined : await open("");
  if (other !== undefined) return replaced(lost, other, words.other);
  if (lost.isStandIn) return { part: lost, note: words.none };
  return replaced(lost, await standIn(), words.none);
}

function replaced<Part>(lost: SourcePart, part: Part, note: string | undefined): Found<Part> {
  lost.close();
  return note === undefined ? { part } : { part, note };
}

function withDevice(what: What, request: DeviceRequest, id: string): DeviceRequest {
  return what === "picture" ? { ...request, cameraId: id } : { ...request, microphoneId: id };
}
