/** What can go away while it is on air: a device, or what a person shared. */
export type Loss = "picture" | "sound" | "sharing";

/** One track, and what keeps it running. */
export interface SourcePart {
  readonly track: MediaStreamTrack;
  /** It is only there because what was wanted cannot be had. */
  readonly isStandIn: boolean;
  /** Gives the device back. */
  close(): void;
}

/** A running picture, with or without sound. */
export interface CaptureSource {
  readonly stream: MediaStream;
  readonly picture: SourcePart;
  readonly sound: SourcePart | undefined;
  /** What the person should know, such as why there is no sound. */
  readonly notes: readonly string[];
  /** Called when a part ends though nobody closed it. */
  onLoss: (what: Loss) => void;
  /** Gives the devices back. */
  close(): void;
}

/** What a source is put together from. */
export interface SourceParts {
  readonly picture: SourcePart;
  readonly sound?: SourcePart | undefined;
  readonly notes?: readonly string[];
  /** A picture that ends because the person stopped sharing it. */
  readonly isShared?: boolean;
}

/** Puts a source together. */
export function sourceOf({ picture, sound, notes = [], isShared = false }: SourceParts): CaptureSource {
  const source: CaptureSource = {
    stream: new MediaStream(sound === undefined ? [picture.track] : [picture.track, sound.track]),
    picture,
    sound,
    notes,
    onLoss: () => {},
    close: () => {
      picture.close();
      sound?.close();
    },
  };
  const whenEnded = (part: SourcePart | undefined, what: Loss) =>
    part?.track.addEventListener("ended", () => source.onLoss(what), { once: true });
  whenEnded(picture, isShared ? "sharing" : "picture");
  whenEnded(sound, "sound");
  return source;
}

/** A part that is a device's track, and nothing else. */
export function devicePart(track: MediaStreamTrack): SourcePart {
  return { track, isStandIn: false, close: () => track.stop() };
}

/** Whether a part still gives what was wanted of it. */
export function isWell(part: SourcePart | undefined): part is SourcePart {
  return part !== undefined && !part.isStandIn && part.track.readyState === "live";
}
