import { type Stage, seekBy, setVolume, toggleFullscreen, togglePlay, toggleSound } from "./transport.ts";

const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.1;

/** What the keys need to know of the picture. */
export interface PictureKeys {
  readonly goLive?: () => void;
  readonly position?: () => number | undefined;
  readonly toggleStatistics?: () => void;
  /** A key has moved the picture. */
  readonly onSeek?: () => void;
  /** Further keys, in lower case. */
  readonly others?: Readonly<Record<string, () => void>>;
}

/** Keys for the whole page. Fields, buttons and a video with its own controls keep the keys they need. */
export function listenToKeys(stage: Stage, live: PictureKeys = {}): void {
  const seek = (seconds: number) => {
    seekBy(stage, seconds, live.position?.());
    live.onSeek?.();
  };
  const actions: Readonly<Record<string, () => void>> = {
    " ": () => togglePlay(stage),
    k: () => togglePlay(stage),
    m: () => toggleSound(stage),
    f: () => void toggleFullscreen(stage).catch(() => {}),
    l: () => live.goLive?.(),
    s: () => live.toggleStatistics?.(),
    arrowleft: () => seek(-SEEK_SECONDS),
    arrowright: () => seek(SEEK_SECONDS),
    arrowup: () => setVolume(stage, stage.video.volume + VOLUME_STEP),
    arrowdown: () => setVolume(stage, stage.video.volume - VOLUME_STEP),
    ...live.others,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keepsKey(event.target, event.key)) return;
    const action = actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function keepsKey(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLInputElement) return target.type !== "range" || key.startsWith("Arrow");
  if (target instanceof HTMLVideoElement) return target.controls && !/^[a-z]$/i.test(key);
  const pressed = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
  return key === " " && (pressed || (target instanceof HTMLElement && target.tagName === "SUMMARY"));
}
