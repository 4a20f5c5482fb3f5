import { make } from "../ui/dom.ts";
import { formatDelay } from "../ui/format.ts";
import type { DelayControl } from "./engine.ts";

const AUTO = "";
/** Delays to choose from, in ms: from what a good line allows to what a bad one wants. */
const CHOICES = [150, 250, 500, 1_000, 2_000, 5_000] as const;
/** A wish is said not to be had when more than this is held instead. In ms. */
const MISSED_MS = 20;

/** Where the menu stands on the page, and what it acts on. */
export interface DelayMenuParts {
  readonly select: HTMLSelectElement;
  /** Hidden where the delay cannot be chosen. */
  readonly frame: HTMLElement;
  readonly delay: () => DelayControl | undefined;
  /** The viewer has chosen: a delay in ms, or undefined for automatic. */
  readonly onChoice: (wishMs: number | undefined) => void;
}

/** The list of delays: automatic and some fixed ones, where the engine can hold one. */
export class DelayMenu {
  readonly #parts: DelayMenuParts;
  #shown: string | undefined;

  constructor(parts: DelayMenuParts) {
    this.#parts = parts;
    parts.select.addEventListener("change", () => {
      const wishMs = parts.select.value === AUTO ? undefined : Number(parts.select.value);
      const delay = parts.delay();
      if (delay !== undefined) delay.wishMs = wishMs;
      parts.onChoice(wishMs);
      this.refresh();
    });
  }

  /** Shows what the engine holds now; `data-target-ms` tells it to programs. */
  refresh(): void {
    const { frame, select } = this.#parts;
    const delay = this.#parts.delay();
    frame.hidden = delay === undefined;
    if (delay === undefined) return;
    select.dataset.targetMs = String(Math.round(delay.targetMs));
    select.title = titleFor(delay);
    const wish = delay.wishMs === undefined ? AUTO : String(delay.wishMs);
    // An open list must not change under the finger.
    if (this.#shown === wish || (this.#shown !== undefined && document.activeElement === select)) return;
    this.#shown = wish;
    select.replaceChildren(...optionsFor(delay.wishMs).map(({ value, text }) => make("option", { value }, text)));
    select.value = wish;
  }
}

function titleFor({ wishMs, targetMs }: DelayControl): string {
  const held = formatDelay(targetMs / 1000);
  if (wishMs === undefined) return `As little delay as your connection allows: ${held} now`;
  const isMissed = targetMs > wishMs + MISSED_MS;
  return isMissed ? `${held}: as little as your connection allows` : `${held} since the server got the picture`;
}

function optionsFor(wishMs: number | undefined): { value: string; text: string }[] {
  const fixed = [...new Set<number>([...CHOICES, ...(wishMs === undefined ? [] : [wishMs])])].sort((a, b) => a - b);
  return [
    { value: AUTO, text: "Delay: auto" },
    ...fixed.map((ms) => ({ value: String(ms), text: `Delay: ${formatDelay(ms / 1000)}` })),
  ];
}
