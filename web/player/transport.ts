/** The video with its frame on the page. */
export interface Stage {
  readonly video: HTMLVideoElement;
  /** What fills the screen: the video with its controls. */
  readonly frame: HTMLElement;
}

/** How long the picture is, in seconds; of what is still growing, how long so far. Undefined when nobody knows. */
export function lengthOf({ duration, seekable }: HTMLVideoElement): number | undefined {
  const length = Number.isFinite(duration) || seekable.length === 0 ? duration : seekable.end(seekable.length - 1);
  return Number.isFinite(length) && length > 0 ? length : undefined;
}

/** Plays or pauses. A live picture that was paused stays where it is; "go live" brings it back. */
export function togglePlay({ video }: Stage): void {
  if (video.paused) void video.play().catch(() => {});
  else video.pause();
}

/** Turns sound on or off; a volume of nothing is raised, or the button would seem broken. */
export function toggleSound({ video }: Stage): void {
  video.muted = !video.muted;
  if (!video.muted && video.volume === 0) video.volume = 0.5;
}

/** Sets the volume; any volume but nothing turns the sound on. */
export function setVolume({ video }: Stage, volume: number): void {
  video.volume = Math.min(1, Math.max(0, volume));
  video.muted = video.volume === 0;
}

/** Moves by some seconds within what can be played; `latest` is where live is, if that is before the end. */
export function seekBy({ video }: Stage, seconds: number, latest = Number.POSITIVE_INFINITY): void {
  const { seekable } = video;
  if (seekable.length === 0) return;
  const start = seekable.start(0);
  const end = Math.max(start, Math.min(latest, seekable.end(seekable.length - 1)));
  video.currentTime = Math.min(end, Math.max(start, video.currentTime + seconds));
}

/** Fills the screen or goes back. Phones of Apple can do that with the bare video only. */
export async function toggleFullscreen({ video, frame }: Stage): Promise<void> {
  if (document.fullscreenElement !== null) return document.exitFullscreen();
  if (document.fullscreenEnabled) return frame.requestFullscreen();
  if ("webkitEnterFullscreen" in video && typeof video.webkitEnterFullscreen === "function") {
    video.webkitEnterFullscreen();
  }
}

/** Takes the picture out of the page or back. */
export async function togglePictureInPicture({ video }: Stage): Promise<void> {
  if (document.pictureInPictureElement !== null) await document.exitPictureInPicture();
  else await video.requestPictureInPicture();
}
