const RESUME_MS = 500;

/** A track of sound that this page makes itself. */
export interface MadeSound {
  readonly context: AudioContext;
  /** What is connected to it is heard on the track. */
  readonly destination: AudioNode;
  readonly track: MediaStreamTrack;
  close(): void;
}

/** Undefined where the browser allows no sound yet: a silent context would hold up the recorder for ever. */
export async function openMadeSound(): Promise<MadeSound | undefined> {
  const context = new AudioContext();
  await Promise.race([context.resume().catch(() => {}), new Promise((resolve) => setTimeout(resolve, RESUME_MS))]);
  const destination = context.createMediaStreamDestination();
  const [track] = destination.stream.getAudioTracks();
  const close = () => void context.close();
  if (context.state === "running" && track !== undefined) return { context, destination, track, close };
  close();
  return undefined;
}
