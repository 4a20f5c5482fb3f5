import { DELAY_RANGE } from "./socket/target-delay.ts";

const STORED = "millrace.delay";

/** Where a choice is kept from one visit to the next; `localStorage` fits. */
export interface DelayStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** The browser's store; one that keeps nothing where the browser allows none. */
export function pageStore(): DelayStore {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  }
}

/** The delay that the viewer wants, in ms: the address's `?delay=`, else what was chosen last; undefined is automatic. */
export function readDelayWish(query: URLSearchParams, store: DelayStore): number | undefined {
  const asked = query.get("delay");
  return asked === null ? parse(stored(store)) : parse(asked);
}

/** Keeps a choice for the next visit. */
export function keepDelayWish(wishMs: number | undefined, store: DelayStore): void {
  try {
    if (wishMs === undefined) store.removeItem(STORED);
    else store.setItem(STORED, String(wishMs));
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

function stored(store: DelayStore): string | null {
  try {
    return store.getItem(STORED);
  } catch {
    return null;
  }
}

function parse(text: string | null): number | undefined {
  const ms = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return ms >= DELAY_RANGE.min && ms <= DELAY_RANGE.max ? ms : undefined;
}
