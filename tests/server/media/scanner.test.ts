import { expect, test } from "@jest/globals";
import { LiveError } from "../../../server/core/errors.ts";
import { type Grammar, StreamScanner } from "../../../server/media/scanner.ts";

/** A format that seems to begin at every byte and never does. */
class Mirage implements Grammar {
  readonly started = true;
  readonly startWidth = 1;
  steps = 0;

  step(): boolean {
    this.steps += 1;
    throw new LiveError("bad_container", "not this time");
  }

  mayStart(): boolean {
    return true;
  }

  recover(): void {}
}

test("a stream of false starts is tried 64 times, then once every 4 KiB, and reported once", () => {
  const grammar = new Mirage();
  const scanner = new StreamScanner(grammar, 0);
  const chunk = new Uint8Array(1024);
  const events = Array.from({ length: 1024 }, () => scanner.push(chunk)).flat();
  expect(events).toEqual([{ type: "damage", offset: 0 }]);
  expect(grammar.steps).toBeGreaterThan(256);
  expect(grammar.steps).toBeLessThan(64 + 256 + 10);
  expect(scanner.heldBytes).toBe(0);
});

test("what is no expected failure is not taken for damage", () => {
  const grammar = Object.assign(new Mirage(), {
    step: () => {
      throw new TypeError("a bug");
    },
  });
  expect(() => new StreamScanner(grammar, 0).push(new Uint8Array(1))).toThrow("a bug");
});
