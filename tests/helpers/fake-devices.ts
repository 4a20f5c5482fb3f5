import { type CaptureSource, devicePart, sourceOf } from "../../web/capture/source.ts";

/** A track that goes away when a test says so. */
export class FakeTrack extends EventTarget {
  readonly kind: "video" | "audio";
  readonly deviceId: string;
  readyState: "live" | "ended" = "live";

  constructor(kind: "video" | "audio", deviceId: string) {
    super();
    this.kind = kind;
    this.deviceId = deviceId;
  }

  getSettings(): { deviceId: string } {
    return { deviceId: this.deviceId };
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** The device is unplugged. */
  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

/** As much of a stream as is looked at. */
export class FakeStream {
  readonly #tracks: readonly FakeTrack[];

  constructor(tracks: readonly FakeTrack[]) {
    this.#tracks = tracks;
  }

  getTracks(): readonly FakeTrack[] {
    return this.#tracks;
  }

  getVideoTracks(): readonly FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === "video");
  }

  getAudioTracks(): readonly FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === "audio");
  }
}

interface Constraints {
  readonly video?: { readonly deviceId?: { readonly exact: string } };
  readonly audio?: { readonly deviceId?: { readonly exact: string } } | true;
}

/** Devices that are plugged in and out by a test: `navigator.mediaDevices` in Node, which has none. */
export class FakeDevices extends EventTarget {
  readonly cameras = new Set(["camera-1"]);
  readonly microphones = new Set(["microphone-1"]);
  /** Ids of what was asked for, in order. */
  readonly asked: string[] = [];
  readonly opened: FakeTrack[] = [];

  async getUserMedia({ video, audio }: Constraints): Promise<FakeStream> {
    const tracks = [
      ...(video === undefined ? [] : [this.#open("video", this.cameras, video.deviceId?.exact)]),
      ...(audio === undefined
        ? []
        : [this.#open("audio", this.microphones, audio === true ? undefined : audio.deviceId?.exact)]),
    ];
    this.opened.push(...tracks);
    return new FakeStream(tracks);
  }

  #open(kind: "video" | "audio", plugged: ReadonlySet<string>, exact: string | undefined): FakeTrack {
    this.asked.push(exact ?? "any");
    const id = exact ?? [...plugged][0] ?? "";
    if (!plugged.has(id)) throw new DOMException("none", "NotFoundError");
    return new FakeTrack(kind, id);
  }
}

/** A source from two fake devices. */
export function fakeSource(camera: FakeTrack, microphone?: FakeTrack): CaptureSource {
  const part = (track: FakeTrack) => devicePart(track as unknown as MediaStreamTrack);
  return sourceOf({ picture: part(camera), sound: microphone && part(microphone) });
}
