import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";

/** Servers and browsers take seconds to start and to end, more of them on a busy machine. */
const LIMIT_MS = 60_000;

type Disposed = AsyncDisposable | Disposable;
type Hook = (run: () => Promise<void>, limitMs: number) => void;

/** What has been made and is still there, oldest first: it goes in the opposite order. */
const forAll: Promise<Disposed>[] = [];
const forEach: Promise<Disposed>[] = [];

/**
 * One for all tests of a file, or of a `describe`: made before the first of them, disposed of after the last, later ones
 * before earlier ones. What is returned answers with it.
 */
export function oneForAll<T extends Disposed>(make: () => T | Promise<T>): () => T {
  return lifetime(make, beforeAll, afterAll, forAll);
}

/** Another one for each test. */
export function oneForEach<T extends Disposed>(make: () => T | Promise<T>): () => T {
  return lifetime(make, beforeEach, afterEach, forEach);
}

function lifetime<T extends Disposed>(
  make: () => T | Promise<T>,
  before: Hook,
  after: Hook,
  made: Promise<Disposed>[],
): () => T {
  let current: T | undefined;
  before(async () => {
    const making = (async () => make())();
    made.push(making);
    current = await making;
  }, LIMIT_MS);
  after(async () => {
    current = undefined;
    // What could not be made has its place here, too, and need not go.
    await made.pop()?.then(dispose, () => {});
  }, LIMIT_MS);
  return () => {
    if (current === undefined) throw new Error("there is one only while tests run");
    return current;
  };
}

async function dispose(one: Disposed): Promise<void> {
  if (Symbol.asyncDispose in one) await one[Symbol.asyncDispose]();
  else one[Symbol.dispose]();
}
