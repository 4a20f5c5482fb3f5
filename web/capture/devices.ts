import { CaptureFailure, explainSoundMissing, explainSourceFailure } from "./failures.ts";
import type { SourceKind } from "./settings.ts";
import { type CaptureSource, devicePart, type SourcePart, type SourceParts, sourceOf } from "./source.ts";

/** Which devices to open, and how the picture should be. Empty ids leave the choice to the browser. */
export interface DeviceRequest {
  readonly cameraId: string;
  readonly microphoneId: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly audio: boolean;
}

/** Opens camera and microphone; goes on without sound when only the microphone fails. */
export async function openCamera(request: DeviceRequest): Promise<CaptureSource> {
  const video = cameraConstraints(request);
  if (!request.audio) return deviceSource(await capture("camera", { video }));
  try {
    const audio = microphoneConstraints(request);
    return deviceSource(await mediaDevices("camera").getUserMedia({ video, audio }));
  } catch (error) {
    // Whether the camera or the microphone is to blame is not said; the camera alone tells.
    const stream = await capture("camera", { video });
    return deviceSource(stream, { notes: [explainSoundMissing(nameOf(error))] });
  }
}

/** Opens the screen with its sound, where the browser and the person give it. */
export async function openScreen(request: DeviceRequest): Promise<CaptureSource> {
  const devices = mediaDevices("screen");
  if (devices.getDisplayMedia === undefined) throw failure("screen", "NotSupportedError");
  try {
    const stream = await devices.getDisplayMedia({ video: pictureOf(request), audio: request.audio });
    const silent = request.audio && stream.getAudioTracks().length === 0;
    return deviceSource(stream, { notes: silent ? ["The screen came without sound."] : [], isShared: true });
  } catch (error) {
    throw failure("screen", nameOf(error));
  }
}

/** Opens one device without the other; undefined when it cannot be had. */
export async function openDevice(kind: "picture" | "sound", request: DeviceRequest): Promise<SourcePart | undefined> {
  const wanted = kind === "picture" ? { video: cameraConstraints(request) } : { audio: microphoneConstraints(request) };
  try {
    const [track] = (await mediaDevices("camera").getUserMedia(wanted)).getTracks();
    return track === undefined ? undefined : devicePart(track);
  } catch {
    return undefined;
  }
}

/** Cameras and microphones; names are empty until the person has allowed their use once. */
export async function listDevices(): Promise<{ cameras: MediaDeviceInfo[]; microphones: MediaDeviceInfo[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const known = all.filter((device) => device.deviceId !== "");
  return {
    cameras: known.filter((device) => device.kind === "videoinput"),
    microphones: known.filter((device) => device.kind === "audioinput"),
  };
}

async function capture(kind: SourceKind, constraints: MediaStreamConstraints): Promise<MediaStream> {
  try {
    return await mediaDevices(kind).getUserMedia(constraints);
  } catch (error) {
    if (error instanceof CaptureFailure) throw error;
    throw failure(kind, nameOf(error));
  }
}

/** The browser leaves `mediaDevices` out where the page is not secure, whatever the compiler's library says. */
function mediaDevices(kind: SourceKind): MediaDevices {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined) throw failure(kind, "NotSupportedError");
  return devices;
}

function failure(kind: SourceKind, name: string): CaptureFailure {
  return new CaptureFailure(explainSourceFailure(name, kind, isSecureContext));
}

function nameOf(error: unknown): string {
  return error instanceof DOMException || error instanceof Error ? error.name : "unknown error";
}

function pictureOf({ width, height, fps }: DeviceRequest): MediaTrackConstraints {
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: fps } };
}

function cameraConstraints(request: DeviceRequest): MediaTrackConstraints {
  return { ...pictureOf(request), ...(request.cameraId === "" ? {} : { deviceId: { exact: request.cameraId } }) };
}

function microphoneConstraints({ microphoneId }: DeviceRequest): MediaTrackConstraints | true {
  return microphoneId === "" ? true : { deviceId: { exact: microphoneId } };
}

function deviceSource(stream: MediaStream, about: Pick<SourceParts, "notes" | "isShared"> = {}): CaptureSource {
  const [picture] = stream.getVideoTracks();
  const [sound] = stream.getAudioTracks();
  if (picture === undefined) throw failure("camera", "NotFoundError");
  return sourceOf({ picture: devicePart(picture), sound: sound && devicePart(sound), ...about });
}
