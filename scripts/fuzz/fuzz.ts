import { mutate, seeded } from "./mutate.ts";
import type { FuzzTarget } from "./targets.ts";

/** An input that made a reader throw what it must not, or take far too long. */
export class Finding extends Error {
  override readonly name = "Finding";
  readonly input: Buffer;

  constructor(target: string, input: Buffer, cause: unknown) {
    super(`${target}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`, { cause });
    this.input = input;
  }
}

/** When a run ends. */
export interface FuzzLimits {
  readonly seed: number;
  readonly rounds: number;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/** What came of a run. */
export interface FuzzResult {
  readonly rounds: number;
  /** Inputs that led where none of the corpus had led. */
  readonly fresh: readonly Buffer[];
}

/** No input of this size is worth more time than this. */
const SLOW_MS = 2_000;

/** Feeds a reader damaged inputs of its corpus, which grows by those that lead somewhere new. Throws a {@link Finding}. */
export function fuzz(target: FuzzTarget, corpus: readonly Buffer[], limits: FuzzLimits): FuzzResult {
  const random = seeded(limits.seed);
  const inputs = [...corpus];
  const known = new Set<string>();
  const fresh: Buffer[] = [];
  for (const input of corpus) known.add(run(target, input, [input.byteLength]));
  let rounds = 0;
  for (; rounds < limits.rounds && performance.now() < limits.untilMs; rounds++) {
    const pick = () => inputs[Math.floor(random() * inputs.length)] ?? Buffer.alloc(0);
    const input = mutate(pick(), pick(), random);
    const sizes = [1 + Math.floor(random() * 7), 1 + Math.floor(random() ** 3 * 5000)];
    const led = run(target, input, sizes);
    if (known.has(led)) continue;
    known.add(led);
    inputs.push(input);
    fresh.push(input);
  }
  return { rounds, fresh };
}

function run(target: FuzzTarget, input: Buffer, sizes: readonly number[]): string {
  const began = performance.now();
  let led: string;
  try {
    led = target.run(input, sizes);
  } catch (error) {
    throw new Finding(target.name, input, error);
  }
  const tookMs = performance.now() - began;
  if (tookMs > SLOW_MS) throw new Finding(target.name, input, new Error(`took ${Math.round(tookMs)} ms`));
  return led;
}
