/** What a test puts in the place of something that only browsers have. */
export interface Globals extends Disposable {
  /** Sets one more. */
  set(name: string, value: unknown): void;
}

/** Puts values in the place of globals until it is disposed. */
export function browserGlobals(values: Readonly<Record<string, unknown>> = {}): Globals {
  const before = new Map<string, PropertyDescriptor | undefined>();
  const set = (name: string, value: unknown) => {
    if (!before.has(name)) before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  for (const [name, value] of Object.entries(values)) set(name, value);
  return {
    set,
    [Symbol.dispose]() {
      for (const [name, descriptor] of before) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
    },
  };
}

/** Lets `fetch` take the addresses that a page of the server at `url` would ask for. */
export function pageOf(url: string): Globals {
  const { fetch } = globalThis;
  return browserGlobals({ fetch: (path: string, init?: RequestInit) => fetch(new URL(path, url), init) });
}
