import { CachedText } from "../core/cached-text.ts";
import type { Presentation } from "../packaging/presentation.ts";

/** Variants of one text that are kept: a manifest has one for each name under which the server is asked. */
const MAX_TEXTS = 64;

/** Playlists and manifests, written once for each change of a presentation whoever asks for them. */
export class TextCache {
  readonly #known = new WeakMap<Presentation, { version: number; texts: Map<string, CachedText> }>();

  /** The text called `name` in the presentation's present version; `write` makes it when it is not there. */
  get(presentation: Presentation, name: string, write: () => string): CachedText {
    const texts = this.#textsOf(presentation);
    const known = texts.get(name);
    if (known !== undefined) return known;
    const text = new CachedText(write());
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(name, text);
    return text;
  }

  #textsOf(presentation: Presentation): Map<string, CachedText> {
    const { version } = presentation;
    const entry = this.#known.get(presentation);
    if (entry?.version === version) return entry.texts;
    const texts = new Map<string, CachedText>();
    this.#known.set(presentation, { version, texts });
    return texts;
  }
}
