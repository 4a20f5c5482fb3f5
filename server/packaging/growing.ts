import { CachedText } from "../core/cached-text.ts";
import { wallMs } from "../core/clock.ts";
import { manifest } from "./dash.ts";
import { multivariantPlaylist, PLAYLIST_NAME, recordedPlaylist } from "./hls.ts";
import type { Presentation } from "./presentation.ts";

/** Manifests are kept for each name under which the server is asked. */
const MAX_TEXTS = 64;
const MEDIA = /^([a-z]+\d{1,3})\/(\d{1,9})\/(?:(init\.mp4)|(\d{1,12})\.m4s)$/;

/** What keeps the files of a recording. */
export interface RecordingFiles {
  /** Everything that was published is kept, or will be in a moment. */
  readonly isWhole: boolean;
}

/** A recording that can be played from its beginning while its broadcast is live: all segments, and no parts. */
export class GrowingRecording {
  readonly #presentation: Presentation;
  readonly #files: RecordingFiles;
  readonly #texts = new Map<string, CachedText>();
  #state = "";

  constructor(presentation: Presentation, files: RecordingFiles) {
    this.#presentation = presentation;
    this.#files = files;
  }

  /** A playlist or the manifest, by its name in the recording's folder; undefined when there is none (yet). */
  text(name: string, clockUrl: string): CachedText | undefined {
    if (!this.#files.isWhole || !this.#presentation.isReady) return undefined;
    this.#forgetOld();
    const key = `${name} ${clockUrl}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = this.#write(name, clockUrl);
    if (text === undefined) return undefined;
    if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
    const cached = new CachedText(text);
    this.#texts.set(key, cached);
    return cached;
  }

  /** A segment or init segment that is in memory: its file may be there only in a moment. */
  media(name: string): Uint8Array | undefined {
    const [, track = "", run, init, number] = MEDIA.exec(name) ?? [];
    const window = this.#presentation.track(track)?.window;
    if (window === undefined) return undefined;
    if (init !== undefined) return window.init(Number(run))?.bytes;
    return window.segment(Number(run), Number(number))?.bytes;
  }

  #write(name: string, clockUrl: string): string | undefined {
    if (name === "master.m3u8") return multivariantPlaylist(this.#presentation, "");
    if (name === "manifest.mpd") {
      return manifest(this.#presentation, { extent: "all", folder: "", clockUrl, nowMs: wallMs() });
    }
    const [folder = "", file] = name.split("/");
    const track = file === PLAYLIST_NAME ? this.#presentation.track(folder) : undefined;
    return track?.init === undefined ? undefined : recordedPlaylist(this.#presentation, track);
  }

  /** Texts change with each segment, not with each part. */
  #forgetOld(): void {
    const { tracks, ended } = this.#presentation;
    const state = [ended, ...tracks.map(({ name, window }) => `${name} ${window.count}`)].join();
    if (state !== this.#state) this.#texts.clear();
    this.#state = state;
  }
}
