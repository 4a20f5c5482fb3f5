/** A part of the live edge's segments, as a playlist lists it. In seconds. */
export interface ListedPart {
  readonly start: number;
  /** It begins with a key frame. */
  readonly independent: boolean;
}

/** Where a player is that loads parts. In seconds. */
export interface SwitchPlace {
  readonly parts: readonly ListedPart[];
  readonly position: number;
  /** Where what it has loaded ends. */
  readonly loadedTo: number;
}

/** The decoder reads this far ahead of what is shown, and loading takes as long again. In seconds. */
const DECODER_LEAD_SECONDS = 0.25;
/** With less than this loaded ahead, the picture is about to stop: there is nothing to wait for. In seconds. */
const NEARLY_EMPTY_SECONDS = 0.2;
/** A good moment comes with every key frame, but not for who has too little loaded. */
const PATIENCE_MS = 4_000;

/**
 * Whether another rendition can be begun now without a break. Its first part is the last one with a key frame that lies
 * within what is loaded. Chromium goes over to it there, unless it has decoded further: then it first shows what is left
 * of the old one, and nothing from there to the next key frame.
 */
export function isSmooth({ parts, position, loadedTo }: SwitchPlace): boolean {
  if (loadedTo - position < NEARLY_EMPTY_SECONDS) return true;
  const begin = parts.findLast(({ independent, start }) => independent && start <= loadedTo);
  return begin === undefined || begin.start > position + DECODER_LEAD_SECONDS;
}

/** Holds a change of rendition back until it is smooth, but not for long. */
export class SwitchPatience {
  #since: number | undefined;

  /** Whether a change may be made now; ask again soon when not. */
  mayChange(place: SwitchPlace | undefined, nowMs: number): boolean {
    this.#since ??= nowMs;
    const may = place === undefined || isSmooth(place) || nowMs - this.#since > PATIENCE_MS;
    if (may) this.#since = undefined;
    return may;
  }

  /** Nothing is wanted any more. */
  forget(): void {
    this.#since = undefined;
  }
}
